"""Find what a web page is about: its main part, without menus, banners, share buttons and lists of other articles.

After Kohlschütter, Fankhauser and Nejdl, "Boilerplate Detection using Shallow Text Features" (WSDM 2010): how long a
block is and how much of it is links tells text from furniture. Names of elements and classes help where pages use them.
The tree is pruned in place, so what is read afterwards is the page's own text, character by character.
"""

import re
from copy import deepcopy
from dataclasses import dataclass

from parley.knowledge.parsers.element import Element

# A pruned page must keep this share of the words that stand outside links; else the pruning was wrong about it.
MIN_KEPT = 0.3
MIN_WORDS = 25
# A main or article element that holds this share of the words is what the page is about.
_MAIN_SHARE = 0.25
_FURNITURE_TAGS = ("nav", "aside", "footer", "form", "dialog", "menu")
_FURNITURE_ROLES = frozenset(
    {"navigation", "banner", "contentinfo", "search", "complementary", "dialog", "alertdialog", "menu", "menubar"}
)
_FURNITURE_NAME = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|submenu|megamenu|breadcrumbs?|sidebar|side-bar|footer|masthead|"
    r"cookies?|consent|gdpr|banner|advert\w*|ads?|adsense|sponsor\w*|promo\w*|social|share|sharing|sharebar|follow-us|"
    r"newsletter|subscri\w+|signup|sign-up|login|paywall|popup|modal|overlay|related|recommended|recirc\w*|"
    r"read-?more|more-(?:from|stories|articles)|trending|most-(?:read|popular)|popular|tags?|tag-?cloud|"
    r"comments?|disqus|pagination|pager|prev-next|skip|toolbar|widget|outbrain|taboola|author-bio|byline-social)"
    r"(?:$|[\s_-])",
    re.IGNORECASE,
)
# Such a name on something that holds the article itself means something else ("has-sidebar", "comments-open").
_MAX_NAMED_SHARE = 0.4
_TEXT_BLOCKS = frozenset({"p", "pre", "blockquote", "td", "th", "li", "dd", "dt", "h1", "h2", "h3", "h4", "h5", "h6"})
_KEEPS = frozenset({"html", "body", "main", "article"})
_SILENT = frozenset({"script", "style", "button", "select", "noscript", "template"})
_WORD = re.compile(r"\w+")


@dataclass(slots=True)
class _Measure:
    """What an element holds, itself and below: words outside links, words of links, links, articles, running text."""

    words: int = 0
    link_words: int = 0
    links: int = 0
    has_article: bool = False
    paragraphs: int = 0

    def add(self, other: "_Measure") -> None:
        """Count what a child holds too."""
        self.words += other.words
        self.link_words += other.link_words
        self.links += other.links
        self.has_article = self.has_article or other.has_article
        self.paragraphs += other.paragraphs


_Measures = dict[Element, _Measure]


def main_part(body: Element) -> Element:
    """Take the furniture out of a page's body and return the element to read; the body itself is left as it is.

    A page that is all furniture (a list of links, a form) is returned whole.
    """
    words = _measure(body)[body].words
    if words < MIN_WORDS:
        return body
    pruned = deepcopy(body)
    _prune(pruned, words)
    measures = _measure(pruned)
    root = _marked_main(pruned, measures)
    _drop_link_lists(root, measures)
    kept = _measure(root)[root].words
    return root if kept >= MIN_WORDS and kept >= MIN_KEPT * words else body


def _measure(root: Element) -> _Measures:
    """Measure every element in one walk; the tree may be as deep as a hostile page makes it."""
    from lxml.etree import iterwalk

    found: _Measures = {}
    open_links = silent = 0
    for event, node in iterwalk(root, events=("start", "end")):
        if event == "start":
            measure = found[node] = _Measure()
            silent += not isinstance(node.tag, str) or node.tag in _SILENT
            open_links += node.tag == "a"
            measure.links = int(node.tag == "a")
            measure.has_article = node.tag in ("main", "h1")
            _count(measure, node.text, silent, open_links)
            continue
        silent -= not isinstance(node.tag, str) or node.tag in _SILENT
        open_links -= node.tag == "a"
        measure = found[node]
        measure.paragraphs += node.tag in ("p", "pre", "blockquote") and measure.words >= 10
        parent = node.getparent()
        if node is not root and parent is not None:
            found[parent].add(measure)
            _count(found[parent], node.tail, silent, open_links)
    return found


def _count(measure: _Measure, text: str | None, silent: int, open_links: int) -> None:
    if text and not silent:
        count = len(_WORD.findall(text))
        if open_links:
            measure.link_words += count
        else:
            measure.words += count


def _prune(body: Element, words: int) -> None:
    measures = _measure(body)
    for node, measure in measures.items():
        if node is body or not isinstance(node.tag, str) or node.tag in _KEEPS:
            continue
        holds_article = measure.has_article and node.tag != "aside"
        if measure.words <= _MAX_NAMED_SHARE * words and not holds_article and _is_furniture(node):
            remove_element(node)


def _is_furniture(node: Element) -> bool:
    if node.tag in _FURNITURE_TAGS or node.get("role") in _FURNITURE_ROLES or node.tag == "header":
        return True
    if node.tag in _TEXT_BLOCKS and node.tag != "li":
        return False
    name = f"{node.get('class', '')} {node.get('id', '')}"
    return 1 < len(name) < 300 and _FURNITURE_NAME.search(name) is not None


def _marked_main(body: Element, measures: _Measures) -> Element:
    """The element that the page marks as its main part, if it holds a good share of the words; else the body."""
    least = max(_MAIN_SHARE * measures[body].words, MIN_WORDS)
    for path in (".//main", ".//*[@role='main']", ".//*[@itemprop='articleBody']", ".//article"):
        found = body.xpath(path)
        if len(found) == 1 and measures[found[0]].words >= least:
            return found[0]
    return body


def _drop_link_lists(root: Element, measures: _Measures) -> None:
    """Remove lists, tables and boxes that are little else than links, unless they hold running text."""
    for node in list(root.iterdescendants("ul", "ol", "div", "section", "table", "dl")):
        measure = measures[node]
        # One to three links may be all that a sentence or a "see also" has.
        if measure.links >= 4 and measure.paragraphs == 0 and measure.link_words > 4 * measure.words:
            remove_element(node)


def remove_element(node: Element) -> None:
    """Remove a node but not the text behind it."""
    parent = node.getparent()
    if parent is None:
        return
    if node.tail:
        previous = node.getprevious()
        if previous is not None:
            previous.tail = (previous.tail or "") + node.tail
        else:
            parent.text = (parent.text or "") + node.tail
    parent.remove(node)
