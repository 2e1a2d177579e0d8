"""Words that carry grammar rather than meaning, per language (ISO 639-1).

Articles, pronouns, auxiliaries, question words. They are left out of queries and of coverage, never out of an index.
Own lists, kept short on purpose: a word that is often a subject of its own is left in where it would be missed.
"""

_LISTS = {
    "en": (
        "a an the this that these those there here of in on at to for from by with without within into onto "
        "over under between among during before after about against through via per as than then and or but "
        "nor not no if so because while although though unless until since is are was were be been being am "
        "do does did doing done has have had having can could should would will shall may might must ought i "
        "you he she it we they me him her us them my your his its our their mine yours hers ours theirs "
        "myself yourself himself herself itself ourselves themselves who whom whose which what when where why "
        "how all any both each either neither every few more most much many other another some such only own "
        "same too very just also ever even still yet again once however therefore thus upon off out up down "
        "don't doesn't didn't isn't aren't wasn't weren't can't couldn't won't wouldn't shouldn't haven't "
        "hasn't hadn't i'm you're we're they're i've you've we've they've i'll you'll we'll they'll i'd you'd "
        "let's that's what's who's where's there's it's please tell give show explain describe"
    ),
    "de": (
        "der die das den dem des ein eine einen einem einer eines kein keine keinen keinem keiner und oder "
        "aber denn sondern wenn weil dass daß ob als wie wo wer was wann warum wieso welche welcher welches "
        "welchen welchem wen wem wessen womit wodurch wofür woher wohin ich du er sie es wir ihr mich dich "
        "sich uns euch ihm ihn ihnen mein meine dein deine sein seine seinen seinem seiner ihre ihren ihrem "
        "ihrer unser unsere euer dieser diese dieses diesen diesem jener jene jenes man nicht nur auch noch "
        "schon sehr mehr so dann da hier dort im am zum zur vom beim ins in an auf aus bei mit nach seit von "
        "zu durch für gegen ohne um über unter vor hinter neben zwischen bis während wegen trotz ist sind war "
        "waren bin bist seid wird werden wurde wurden worden geworden hat haben hatte hatten kann können "
        "konnte konnten muss müssen musste soll sollen sollte will wollen wollte darf dürfen mag möchte alle "
        "alles viel viele wieviel einige etwas jede jeder jedes jeden"
    ),
    "es": (
        "el la los las lo un una unos unas de del al a ante bajo con contra desde durante en entre hacia "
        "hasta para por según sin sobre tras y e o u ni que si pero mas sino aunque porque pues como cuando "
        "donde quien quienes cual cuales cuanto cuanta cuantos cuantas qué quién quiénes cuál cuáles cuándo "
        "dónde cómo cuánto cuánta cuántos cuántas adónde yo tú él ella ello nosotros vosotros ellos ellas "
        "usted ustedes me te se nos os le les mi mis tu tus su sus nuestro nuestra nuestros nuestras este "
        "esta esto estos estas ese esa eso esos esas aquel aquella aquello aquellos aquellas no sí ya muy más "
        "menos también tampoco es son era eran fue fueron ser sido siendo está están estaba estaban estar ha "
        "han había habían haber hay hubo he tiene tienen tenía tener puede pueden podía poder debe deben "
        "hacer hace hizo otro otra otros otras todo toda todos todas cada algún alguna algunos algunas mismo "
        "misma"
    ),
    "fr": (
        "le la les l un une des du de d au aux à et ou où mais donc or ni car que qu qui quoi dont quand "
        "comment pourquoi combien quel quelle quels quelles lequel laquelle lesquels lesquelles je tu il elle "
        "on nous vous ils elles me te se lui leur leurs mon ma mes ton ta tes son sa ses notre nos votre vos "
        "ce cet cette ces ceci cela ça c s y en ne n pas plus moins très aussi encore déjà si comme dans par "
        "pour sur sous avec sans entre vers chez contre depuis pendant avant après jusque est sont était "
        "étaient être été suis es sommes êtes sera seront fut furent ai as a avons avez ont avait avaient "
        "avoir eu aura auront peut peuvent pouvait pouvoir doit doivent devoir fait faire font tout toute "
        "tous toutes chaque quelque quelques autre autres même mêmes j m t"
    ),
    "it": (
        "il lo la i gli le l un uno una di del dello della dei degli delle d a al allo alla ai agli alle da "
        "dal dallo dalla dai dagli dalle in nel nello nella nei negli nelle con su sul sullo sulla sui sugli "
        "sulle per tra fra e ed o od ma se che chi cui quale quali quanto quanta quanti quante quando dove "
        "come perché cosa cos non né più meno molto anche ancora già io tu lui lei noi voi loro egli ella "
        "essi mi ti si ci vi ne mio mia miei mie tuo tua suo sua suoi sue nostro nostra vostro vostra questo "
        "questa questi queste quello quella quelli quelle è sono era erano essere stato stata stati state fu "
        "furono sarà ha hanno aveva avevano avere può possono deve devono fare fa ogni tutto tutta tutti "
        "tutte altro altra altri altre stesso stessa"
    ),
    "pt": (
        "o a os as um uma uns umas de do da dos das em no na nos nas ao aos à às por pelo pela pelos pelas "
        "para com sem sob sobre entre até desde contra e ou mas nem que se porque pois como quando onde quem "
        "qual quais quanto quanta quantos quantas quê eu tu ele ela nós vós eles elas você vocês me te lhe "
        "lhes meu minha teu tua seu sua seus suas nosso nossa este esta isto estes estas esse essa isso esses "
        "essas aquele aquela aquilo não sim já muito mais menos também é são era eram foi foram ser sido está "
        "estão estava estavam estar tem têm tinha tinham ter há havia haver pode podem deve devem fazer faz "
        "fez todo toda todos todas cada outro outra outros outras mesmo mesma"
    ),
    "nl": (
        "de het een der des den en of maar want dat die dit deze wie wat waar wanneer waarom hoe welk welke "
        "wiens ik jij je u hij zij ze wij we jullie mij me jou hem haar ons hen hun mijn jouw zijn onze uw er "
        "hier daar niet geen ook nog al wel zeer meer minder zo dan als indien omdat hoewel in op aan van "
        "voor door met zonder bij naar uit over onder tussen tegen tot sinds tijdens om te is was waren ben "
        "bent wordt worden werd werden geworden heeft hebben had hadden kan kunnen kon konden moet moeten "
        "moest zal zullen zou zouden mag mogen alle alles elk elke andere veel"
    ),
    "sv": (
        "en ett den det de dem denna detta dessa och eller men för att som om när var vart vem vad vilken "
        "vilket vilka vems varför hur jag du han hon vi ni mig dig sig oss er min mitt mina din ditt sin sitt "
        "sina hans hennes dess vår deras inte ej också redan mycket mer mindre så än i på av till från med "
        "utan hos under över mellan mot genom efter före vid är vara varit blir bli blev har hade ha kan "
        "kunde ska skall skulle måste får alla allt varje annan andra"
    ),
    "da": (
        "en et den det de dem denne dette disse og eller men for at som om når hvor hvem hvad hvilken hvilket "
        "hvilke hvis hvorfor hvordan jeg du han hun vi i mig dig sig os jer min mit mine din dit sin sit sine "
        "hans hendes dens dets vores deres ikke også allerede meget mere mindre så end på af til fra med uden "
        "hos under over mellem mod gennem efter før ved er var være været bliver blive blev har havde have "
        "kan kunne skal skulle må måtte alle alt hver anden andre"
    ),
    "no": (
        "en et ei den det de dem denne dette disse og eller men for at som om når hvor hvem hva hvilken "
        "hvilket hvilke hvorfor hvordan jeg du han hun vi dere meg deg seg oss min mitt mine din ditt sin "
        "sitt sine hans hennes dens dets vår deres ikke også allerede mye mer mindre så enn i på av til fra "
        "med uten hos under over mellom mot gjennom etter før ved er var være vært blir bli ble har hadde ha "
        "kan kunne skal skulle må måtte alle alt hver annen andre"
    ),
    "fi": (
        "ja tai mutta että jos kun kuin koska vaikka niin kuka mikä mitä missä milloin miksi miten millainen "
        "kumpi ketä kenen minkä mihin mistä minä sinä hän se me te he ne tämä tuo nämä nuo joka jotka jossa "
        "jonka ei en et emme ette eivät myös vielä jo hyvin enemmän on ovat oli olivat olla ollut olen olet "
        "olemme voi voivat pitää kaikki jokainen muu muut"
    ),
    "pl": (
        "i oraz lub albo ale lecz że żeby jeśli jeżeli gdy kiedy gdzie kto co który która które którzy jaki "
        "jaka jakie dlaczego jak ile czyj kogo komu czego czemu czym ja ty on ona ono my wy oni one mnie mi "
        "ciebie ci go jej jego mu nas was ich im się mój moja twój swój nasz wasz ten ta to te tego tej tych "
        "tym tam tu nie tak też także już jeszcze bardzo więcej mniej w we na z ze do od po pod nad przed za "
        "przez przy dla bez u o między jest są był była było byli być będzie będą ma mają miał może mogą "
        "został została wszystko wszyscy każdy inny inne"
    ),
    "cs": (
        "a i nebo ale že aby když pokud kde kdy kdo co který která které jaký jaká jaké proč jak kolik čí já "
        "ty on ona ono my vy oni mě mne tě ho jej jí mu nás vás jich jim se si můj tvůj svůj náš váš ten ta "
        "to tento tato toto ti ne ano také již ještě velmi více méně v ve na z ze do od po pod nad před za "
        "přes při pro bez u o mezi s je jsou byl byla bylo byli být bude budou má mají může mohou všechno "
        "všichni každý jiný"
    ),
    "ro": (
        "un o unei unui niște al a ai ale cel cea cei cele și sau dar iar că să dacă când unde cine ce care "
        "cât câtă câți câte cum de pentru din în la pe cu fără prin peste sub între până după înainte eu tu "
        "el ea noi voi ei ele mă te se ne vă îl îi le lui meu mea tău său sa lor acest această acești aceste "
        "acel acea nu da mai foarte este sunt era erau fi fost va vor are au avea avut poate pot trebuie tot "
        "toate toți fiecare alt altă alți"
    ),
    "hu": (
        "a az egy és vagy de hogy ha mikor amikor hol ki kik mi mit mely melyik melyek milyen miért hogyan "
        "hány mennyi én te ő ti ők engem téged őt minket ez azok ezek ennek annak nem igen is már még nagyon "
        "több kevesebb van vannak volt voltak lenni lesz lesznek lett lehet kell minden más meg el be fel le "
        "által alatt között után előtt"
    ),
    "tr": (
        "ve veya ya da ama fakat ki eğer ne nerede nereye nereden zaman kim kimin neden niçin nasıl hangi kaç "
        "mi mı mu mü ben sen o biz siz onlar beni seni onu bizi sizi bana sana ona bu şu bunlar bir her bazı "
        "çok daha en değil var yok için ile gibi kadar göre sonra önce olan olarak oldu olur idi ise de"
    ),
    "id": (
        "yang dan atau tetapi tapi bahwa jika kalau ketika saat di ke dari pada untuk dengan tanpa oleh dalam "
        "antara sebagai apa siapa kapan mana dimana mengapa kenapa bagaimana berapa saya aku kamu anda dia ia "
        "kami kita mereka ini itu tidak bukan ya juga sudah telah belum sangat lebih kurang adalah ialah akan "
        "dapat bisa harus semua setiap lain para"
    ),
    "ca": (
        "el la els les lo un una uns unes de del dels d al als a amb en entre per pel pels sense sobre sota "
        "fins des i o però si que què qui quin quina quins quines quan on com quant quanta quants quantes jo "
        "tu ell ella nosaltres vosaltres ells elles em et es ens us li meu meva seu seva aquest aquesta això "
        "aquell no sí ja molt més menys també és són era eren ser estat està estan ha han havia haver té "
        "tenen pot poden tot tota tots totes cada altre altra"
    ),
    "ru": (
        "и или а но что чтобы если когда где куда откуда кто кого кому кем чего чему чем какой какая какое "
        "какие каких который которая которое которые которых почему зачем как сколько чей чья я ты он она оно "
        "мы вы они меня мне тебя тебе его ему ей её нас нам вас вам их им себя мой твой свой наш ваш этот эта "
        "это эти этого этой тот та то те того не ни да нет также уже ещё очень более менее в во на с со из к "
        "ко от до по под над перед за через при для без у о об между был была было были быть будет будут есть "
        "является являются может могут все всё весь каждый другой другие же ли бы"
    ),
    "uk": (
        "і й та або а але що щоб якщо коли де куди звідки хто кого кому ким чого чому чим який яка яке які "
        "яких котрий навіщо як скільки чий я ти він вона воно ми ви вони мене мені тебе тобі його йому її нас "
        "вас їх їм себе мій твій свій наш ваш цей ця це ці той те ті не ні так також вже ще дуже більше менше "
        "в у на з зі із к до від по під над перед за через при для без о об між був була було були бути буде "
        "будуть є може можуть все весь кожен інший же чи би"
    ),
    "el": (
        "ο η το οι τα του της των τον την τους τις ένας μια ένα και ή αλλά ότι αν όταν πού που ποιος ποια "
        "ποιο ποιοι πότε γιατί πώς πως πόσο πόσα τι εγώ εσύ αυτός αυτή αυτό εμείς εσείς αυτοί με σε από για "
        "προς χωρίς μετά πριν κατά παρά δεν μην ναι επίσης ήδη πολύ περισσότερο είναι ήταν έχει έχουν είχε "
        "είχαν θα να μπορεί πρέπει όλα κάθε άλλο"
    ),
    "ar": (
        "في من على إلى عن مع ب ل ك و أو ثم لكن أن إن أنه إنه التي الذي الذين اللذين ما ماذا متى أين لماذا كيف "
        "كم أي هل هو هي هم هن نحن أنا أنت هذا هذه ذلك تلك هؤلاء كان كانت كانوا يكون تكون ليس لم لن لا قد كل "
        "بعض غير بين بعد قبل عند حتى منذ خلال حول ضد إذا كما أيضا فقط"
    ),
    "fa": (
        "و یا اما که از به در با بر برای تا را این آن چه چی کی کجا چرا چگونه چطور چند کدام من تو او ما شما "
        "آنها است هست بود بودند شد شده می نمی نه هم نیز هر همه خود دیگر بین پس پیش"
    ),
    "he": (
        "של את על אל מן עם או אבל כי אם כאשר איפה מי מה מתי למה מדוע איך כמה איזה איזו אני אתה הוא היא אנחנו "
        "אתם הם הן זה זו אלה לא כן גם כבר מאוד יותר היה הייתה היו יש אין כל"
    ),
    "hi": (
        "का के की को से में पर ने और या तथा एवं कि जो जब तब यदि अगर तो भी ही नहीं न मत क्या कौन किस किसने "
        "किसका किसकी किसके किसे कब कहाँ कहां क्यों कैसे कैसा कितना कितने कितनी कौनसा कौनसी यह ये वह वे इस उस "
        "इन उन इसका इसके इसकी उसका उसके उसकी उनका उनके उनकी मैं हम तुम आप मेरा हमारा अपना अपने अपनी है हैं था "
        "थे थी हो होता होते होती हुआ हुए हुई होने किया किए करने करना कर गया गए गई जाता जाते जाती एक द्वारा "
        "लिए साथ बाद पहले तक वाला वाले वाली सकता सकते सकती"
    ),
    "vi": (
        "và hoặc nhưng rằng nếu khi ở tại của cho với từ đến trong ngoài trên dưới về bởi là được bị có không "
        "đã đang sẽ ai gì nào đâu bao nhiêu mấy sao thế này đó kia tôi bạn anh chị ông bà nó chúng ta họ một "
        "các những mọi mỗi rất hơn"
    ),
    "zh": (
        "的 了 是 在 和 与 或 而 但 也 就 都 不 这 那 谁 什么 哪 "
        "哪里 哪个 哪些 何时 为什么 如何 怎么 怎样 多少 几 吗 呢 吧 他 她 它 我 你 "
        "们 被 把 对 从 到 于 其 之 为 以 及 有"
    ),
    "ja": (
        "の は が を に へ と で も や か から まで より です ます した する "
        "いる ある なる これ それ あれ この その あの 何 誰 どこ いつ なぜ どの どれ どう どのよう "
        "いくつ"
    ),
}

FUNCTION_WORDS: dict[str, frozenset[str]] = {language: frozenset(words.split()) for language, words in _LISTS.items()}
