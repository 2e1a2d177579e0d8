"""Units by their many spellings, for telling one from another where a number stayed the same."""

from collections.abc import Sequence

_SPELLINGS = """
%: percent percentage pct prozent procent pourcent percento प्रतिशत ٪ ％
permille: ‰ promille
pp: percentagepoint percentagepoints
bp: basispoint basispoints bps
$: dollar dollars usd
€: euro euros eur
£: gbp sterling
¥: yen jpy
₹: rupee rupees inr
k: thousand thousands
mn: million millions mio
bn: billion billions
tn: trillion trillions
km: kilometre kilometres kilometer kilometers kilómetros
mi: mile miles
m: metre metres meter meters metros
cm: centimetre centimetres centimeter centimeters
mm: millimetre millimetres millimeter millimeters
µm: micrometre micrometres micrometer micrometers micron microns
nm: nanometre nanometres nanometer nanometers
ft: foot feet
in: inch inches
yd: yard yards
nmi: nauticalmile nauticalmiles
ly: lightyear lightyears
ha: hectare hectares
ac: acre acres
km²: squarekilometre squarekilometres squarekilometer squarekilometers sqkm
mi²: squaremile squaremiles sqmi
m²: squaremetre squaremetres squaremeter squaremeters
ft²: squarefoot squarefeet sqft
kg: kilogram kilograms kilogramme kilogrammes kilo kilos
g: gram grams gramme grammes
mg: milligram milligrams
µg: microgram micrograms
t: tonne tonnes
ton: tons
lb: lbs pound pounds
oz: ounce ounces
ms: millisecond milliseconds
µs: microsecond microseconds
ns: nanosecond nanoseconds
s: sec secs second seconds
min: mins minute minutes
h: hr hrs hour hours
d: day days
wk: week weeks
fortnight: fortnights
mo: month months
q: quarter quarters
y: yr yrs year years años jahre jahren ans
dec: decade decades
c: century centuries
millennium: millennia millenniums
bit: bits
byte: bytes
kb: kilobyte kilobytes kib
mb: megabyte megabytes mib
gb: gigabyte gigabytes gib
tb: terabyte terabytes tib
pb: petabyte petabytes
hz: hertz
khz: kilohertz
mhz: megahertz
ghz: gigahertz
baud: bauds
v: volt volts
mv: millivolt millivolts
kv: kilovolt kilovolts
a: amp amps ampere amperes
ma: milliamp milliamps milliampere milliamperes
µa: microamp microamps
w: watt watts
mw: megawatt megawatts milliwatt
kw: kilowatt kilowatts
gw: gigawatt gigawatts
kwh: kilowatthour kilowatthours
j: joule joules
kj: kilojoule kilojoules
cal: calorie calories
kcal: kilocalorie kilocalories
ohm: ohms ω
l: litre litres liter liters
ml: millilitre millilitres milliliter milliliters
gal: gallon gallons
pt: pint pints
bbl: barrel barrels
pa: pascal pascals
kpa: kilopascal kilopascals
mpa: megapascal megapascals
bar: bars
psi:
atm: atmosphere atmospheres
mph:
kph: kmh
kn: knot knots
°c: celsius
°f: fahrenheit
°: degree degrees
kelvin: kelvins
hp: horsepower
bc: bce
ad: ce
"""
_CANONICAL: dict[str, str] = {}
for _line in _SPELLINGS.strip().splitlines():
    _unit, _, _others = _line.partition(":")
    _CANONICAL.update(dict.fromkeys([_unit, *_others.split()], _unit))
_PAIRED_FIRST_LIST = "square sq cubic basis percentage light nautical kilowatt"
_PAIRED_FIRST = frozenset(_PAIRED_FIRST_LIST.split())
# Plain words as well: units only where they are glued to a number.
_PLAIN_WORDS_LIST = "in a y d c q k t s as dec pt ad"
_PLAIN_WORDS = frozenset(_PLAIN_WORDS_LIST.split())
_ORDINAL_WORDS_LIST = """
first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth
sixteenth seventeenth eighteenth nineteenth twentieth last primero segundo tercero erste zweite dritte
"""
ORDINAL_WORDS = frozenset(_ORDINAL_WORDS_LIST.split())


def read_unit(forms: Sequence[str]) -> tuple[str | None, int]:
    """Return the unit that a stretch of words begins with, in one spelling, and how many words name it."""
    if not forms:
        return None, 0
    if forms[0] in ("per", "por") and len(forms) > 1 and forms[1] in ("cent", "ciento", "mille"):
        return ("permille" if forms[1] == "mille" else "%"), 2
    if forms[0] in _PAIRED_FIRST and len(forms) > 1:
        joined = forms[0] + forms[1]
        if joined in _CANONICAL:
            return _CANONICAL[joined], 2
        if forms[1] in _CANONICAL and forms[0] != "percentage":
            return f"{forms[0]} {_CANONICAL[forms[1]]}", 2
    return (None if forms[0] in _PLAIN_WORDS else _CANONICAL.get(forms[0])), 1


def unit_of(forms: Sequence[str]) -> str | None:
    """Return the unit that a stretch of words begins with, also one that could be a plain word; None without one."""
    return read_unit(forms)[0] or (_CANONICAL.get(forms[0]) if forms else None)


def same_measure(claimed: Sequence[str], evidence: Sequence[str]) -> bool | None:
    """Tell whether two stretches behind one number begin with the same unit; None where neither begins with one."""
    left, right = unit_of(claimed), unit_of(evidence)
    return None if left is None and right is None else left == right
