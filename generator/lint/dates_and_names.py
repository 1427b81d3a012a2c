"""What has digits or number words in it and counts nothing: dates, times, names, references, turns of phrase.

Each pattern covers a whole date, name or turn; a number that touches one is not reported. What a year is depends
on what stands around it: :mod:`generator.lint.unbound` decides that.
"""

from __future__ import annotations

import re
from functools import cache

from generator.lint.number_words import BEGIN, END, ORDINAL, SMALL, UNIT

YEAR = r"(?:1[89]\d\d|20\d\d|2100)"
_RANGE = r"(?:\s*[–—-]\s*|\s+(?:and|or|to|until|through|till)\s+)"
YEARS = (
    rf"{YEAR}{END}(?:(?:\s*[–—/-]\s*(?:\d\d{END}(?!\d))?|,\s+(?:and\s+|or\s+)?"
    rf"|\s+(?:and|or|to|until|through|till)\s+){YEAR}{END})*"
)
MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)(?:\.|(?![A-Za-z])))"
)
_DAY = rf"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?{END}"
_NTH = rf"(?:{ORDINAL}|(?:twenty|thirty)-{ORDINAL}|\d+(?:st|nd|rd|th))"
_CAPITAL_NTH = rf"(?:(?=[A-Z])(?i:{_NTH})|\d+(?:st|nd|rd|th))"
_REFERENCE = r"(?!\d{1,3}(?:,\d{3})+)\d(?:[\w.:–/-]{0,40}\w)?(?:\([^()\s]{0,9}\)){0,6}"
_REFERENCES = rf"{_REFERENCE}(?:(?:,\s+|,?\s+(?:and|or|to)\s+|\s*–\s*){_REFERENCE}(?!\s+[A-Z])){{0,9}}"

_DATES = (
    rf"{_DAY}(?:{_RANGE}{_DAY}){{0,3}}\s+{MONTH}(?:,?\s+{YEAR})?",
    rf"{_DAY}(?:,\s+{_DAY}){{1,5}}\s+and\s+{_DAY}\s+{MONTH}(?:,?\s+{YEAR})?",
    rf"\d{{1,2}}(?:st|nd|rd|th)\s+of\s+{MONTH}(?:,?\s+{YEAR})?",
    rf"{MONTH}\s+{_DAY}(?:{_RANGE}(?:{MONTH}\s+)?{_DAY}){{0,3}},?\s+{YEAR}",
    # "In May 12 libraries closed" speaks of libraries, "On May 12" of a day
    rf"(?<!\bin\s)(?<!\bIn\s)(?<!\bduring\s)(?<!\bDuring\s){MONTH}\s+{_DAY}(?:{_RANGE}(?:{MONTH}\s+)?{_DAY}){{0,3}}(?![.,:]\d)",
    rf"{MONTH}\s+{_DAY}(?:{_RANGE}{_DAY}){{0,3}}(?=\s*(?:[.;:!?)]|$|[\x01]))",
    rf"{MONTH},?\s+(?:of\s+)?{YEARS}",
    rf"{MONTH}\s+[’']\d\d",
    r"(?:1[89]|20)\d\d-(?:0[1-9]|1[0-2])(?:-[0-3]\d)?(?:T\d\d:?\d\d(?::?\d\d)?Z?)?",
    rf"{YEAR}\s?[–/-]\s?\d\d",
    rf"{YEAR}\s?[–—-]\s?{YEAR}",
    r"\d{1,2}[/.]\d{1,2}[/.](?:\d{4}|\d\d)|\d{4}/\d{2}/\d{2}",
    r"(?:1[89]|20)\d0s|[’'‘]?\d0s",
    r"(?i:(?:the|early|late|mid)[\s-]+(?:twenties|thirties|forties|fifties|sixties|seventies|eighties|nineties))",
    r"FY\s?[’']?\d{2,4}(?:[–/-]\d{2,4})?",
    rf"(?i:fiscal|financial|calendar|school|academic|model|the)\s+(?i:years?)\s+{YEARS}(?:[–/-]\d\d)?",
    rf"(?i:fiscal)\s+{YEARS}",
    rf"Q[1-4](?:\s+{YEAR})?",
    rf"(?i:(?:{_NTH}|last|next|latter|former|final)\s+(?:quarters?|half|halves|century))",
    rf"(?i:{_NTH}(?:(?:\s+(?:and|or|to)\s+|\s*[–-]\s*){_NTH})*[\s-]+centur(?:y|ies))",
    rf"(?i:the\s+(?:first|last)\s+(?:{SMALL}|\d+)\s+(?:days|weeks|months|quarters)\s+of)\s+(?:{YEAR}|{MONTH}|(?:the|each|every)\s+(?:fiscal\s+)?year)",
    r"\d+(?:st|nd|rd|th)\s+of\s+(?:each|every|the)\s+month",
    r"(?i:fourth\s+of\s+july)|July\s+(?:Fourth|4th)",
    r"(?i:each|every|last|next|this|that|per|a|calendar|fiscal)\s+(?i:quarter)(?=\s+(?i:year|hour|century|mile|past|to|it|is|ago|earlier|later)\b)",
)
_TIMES = (
    r"(?:\d{1,2}(?:[:.]\d\d)?\s?(?:[–-]|to|and)\s?)?\d{1,2}(?:[:.]\d\d)?\s?(?:[aApP]\.?\s?[mM]\b\.?)",
    r"12\s+(?:noon|midnight)",
    r"\d{1,2}:\d\d(?::\d\d)?",
    rf"(?i:(?:{SMALL}|\d{{1,2}})\s+o[’']clock)",
    r"24/7|9/11|24[\s-]hour\s+(?:clock|day|period|cycle|service|hotline|news|shift)",
    r"(?i:nine[\s-]to[\s-]five)",
)
_NAMED = (
    r"Title|Article|Section|Sec\.|Chapter|Ch\.|Part|Paragraph|Clause|Rule|Amendment|Proposition|Prop\.?|Measure"
    r"|Question|Law|Order|Docket|Case|Form|Figure|Fig\.|Table|Chart|Map|Appendix|Annex|Volume|Vol\.|Issue|Page|Note"
    r"|Footnote|Step|Version|Vintage|Route|Highway|Interstate|Room|Suite|Floor|Box|District|Ward|Precinct|Zone|Phase"
    r"|Tier|Schedule|Act|Bill|Resolution|Directive|Regulation|Channel|Local|Protocol|Convention|Line|Column|Row|Type"
    r"|Apollo|Item|Exhibit|Boeing|Airbus|Statutes?|Stats?\.|Code|Proc\.|Ann\.|Ordinance|Road|Area|Formula|Flight"
    r"|Terminal|Gate|Exit|Unit"
)
_LOWER_NAMED = (
    r"section|article|chapter|page|pp?\.|figs?\.|step|footnote|paragraph|line|column|row|version|v|appendix|volume|vol\."
    r"|arts?\.|pages|chapters|sections|articles"
)
_CODES = (
    r"U\.\s?S\.\s?C\.?|USC|C\.\s?F\.\s?R\.?|CFR|Stat\.|Fed\.\s?Reg\.|F\.\s?(?:2d|3d|4th)|F\.\s?Supp\.(?:\s?[23]d)?"
    r"|S\.\s?Ct\.|I\.?\s?&\s?N\.?(?:\s?Dec\.)?"
)
_BILLS = (
    r"H\.\s?R\.|HR|H\.?\s?B\.?|S\.?\s?B\.?|A\.?\s?B\.?|L\.?B\.?|L\.?D\.?|H\.?F\.?|S\.?F\.?|[HS]\.\s?J\.\s?Res\."
    r"|[HS]\.\s?(?:Con\.\s?)?Res\.|[HSA][JC]R|(?<![A-Z]\.)[SHA]\.|P\.?L\.?|Pub\.\s?L\.|E\.?O\.?"
)
_STANDARDS = (
    r"ISO|RFC|WCAG|IEC|EN|DIN|ANSI|IFRS|SAE|IEEE|NIST|(?:CC[ -])?BY(?:-[A-Z]{2})*|[AL]?GPL|Apache|MIT|EPSG"
    r"|ISSN|ISBN|HTML|CSS|USB|Unicode|Python|Windows"
)
_OF_ORDER = (
    r"Amendments?|Circuit|Congress|District|Street|St\.|Avenue|Ave\.|Lady|Ladies|World|Nations?|Army|Division|Infantry"
    r"|Judicial|Precinct|Ward|Republic|Reich|Lord|Minister|Secretary|International|Baptist|Parliament|Legislature"
    r"|General\s+Assembly|Floor"
)
_NAMES = (
    r"\d+[A-Za-z]?\([a-z]{1,4}\)(?:\([A-Za-z0-9]{1,4}\))*",
    rf"(?:{_NAMED})\s+(?:No\.\s*|Nos\.\s*|Number\s+)?{_REFERENCE}",
    rf"(?:Titles|Articles|Sections|Secs\.|Chapters|Parts|Rules|Tables|Figures|Forms|Pages|Amendments|Acts|sections|articles|chapters|pages|pp\.)\s+{_REFERENCES}",
    # several are named: "of the tables 14 are new" speaks of fourteen
    rf"(?:tables|figures)\s+{_REFERENCE}(?:(?:,\s+|,?\s+(?:and|or|to)\s+|\s*–\s*){_REFERENCE}(?!\s+[A-Z])){{1,9}}",
    rf"(?:{_LOWER_NAMED})\s+(?!\d{{4}}(?![a-z(])){_REFERENCE}",
    rf"(?:(?<=see\s)|(?<=See\s)|(?<=\()|(?<=and\s)|(?<=in\s))(?:figures?|tables?)\s+(?!\d{{3}}){_REFERENCE}",
    rf"(?:Article|Title|Chapter|Part|Section|Phase|Step|Act|Scene|Book|Volume|Channel|Page|Room|Tier|Day|Year|Week|Formula|Force)\s+(?=[A-Z])(?i:{UNIT})",
    r"(?i:year|day|square|page)\s+one",
    r"Nos?\.\s?(?=\d{3}|[\d:]*-)[\w:./-]*\w",
    rf"§+\s*{_REFERENCES}",
    rf"\d+\s+(?:{_CODES})\s*(?:§+\s*)?(?:{_REFERENCES})?",
    rf"\d+\s+U\.\s?S\.\s+{_REFERENCE}",
    rf"(?:{_BILLS})\s?(?:No\.\s?)?\d[\d-]*",
    rf"(?:{_STANDARDS})[ -]?v?{_REFERENCE}",
    r"(?!(?:Top|Mid|Sub|Pre|Post|Non|Under|Over|Plus)-)[A-Z]\w*-\d[\w-]*",
    r"[^\W\d_][^\W_]*\d[^\W_]*(?:\.\d+)*",
    r"(?:[A-Z]{2,}|(?:[A-Z]\.){2,})\s+\d+[A-Z]?(?:[:-]|(?<=[A-Z])\.)[\w:.-]*\d",
    r"\d[DG]",
    r"[\d:]{1,9}-[A-Za-z]{2,9}-\d+",
    r"(?<!\d[ \u00a0\u202f\u2009])0\d+(?![.,]\d)",
    r"(?!\d{1,3}(?:\.\d{3})+(?!\d))\d+\.\d+\.\d+(?:\.\d+)*",
    r"10\.\d{4,}/\S+",
    r"(?:\+\d{1,3}[\s-])?\(?\d{3}\)?[-.\s]\d{3}[-.]\d{4}",
    r"(?i:call|dial)\s+(?:911|988|999|112|211|311)",
    r"(?<=,\s)[A-Z]{2}\s+\d{5}(?:-\d{4})?(?!\s+[a-z])",
    r"\d{1,5}\s+(?:[NSEW]\.?\s+)?(?:[A-Z][\w’']*\s+){1,3}(?:Street|St\.|Avenue|Ave\.|Road|Rd\.|Boulevard|Blvd\.?|Lane|Drive)",
    rf"{_CAPITAL_NTH}(?:,?\s+(?:and|or)\s+{_CAPITAL_NTH})?\s+(?:{_OF_ORDER})",
    rf"(?i:{_NTH})[\s-]+(?:grade|graders?)",
)
_RATE_BASE = (
    r"(?:10{2,}|1(?:,000)+|10{1,2}(?:,000)+|1(?:0{0,2})(?:[ \u00a0\u202f\u2009]000)+|1\s+million"
    r"|(?:an?\s+|one\s+)?(?:hundred(?:\s+thousand)?|thousand|million|billion))"
)
_WITH_THE_TWO = (
    r"are|were|is|was|do|did|does|have|had|has|can|cannot|may|might|must|should|will|would|could|need|differ|agree|apart"
    r"|together|and|or|of\s+(?:them|us|you)|in|on|to|from|with|by|as|than|at|which|that|who"
)
_TURNS = (
    # what a rate is for is its definition
    rf"(?:per|for\s+(?:every|each))\s+{_RATE_BASE}(?![.,]?\d)(?:\s+(?:or|and)\s+(?:every\s+|each\s+|per\s+)?{_RATE_BASE}(?![.,]?\d))?",
    rf"(?:the|these|those)\s+(?:two|three|four)(?=\s*(?:[.,;:!?)”’\x01]|$)|\s+(?:{_WITH_THE_TWO})\b)",
    r"two-(?:way|sided|faced|tier|tiered|edged|dimensional|tone|thirds-majority)|three-dimensional|four-(?:letter|wheel)",
    r"zeros(?![a-z])",
    r"zero-(?:tolerance|sum)|zero\s+(?:tolerance|in|hour)|(?:ground|net|patient|day|absolute)[\s-]zero",
    r"second(?:[\s-]+(?:hand|guess\w*|class|rate|thoughts?|nature|language|opinion|wind|home|sight|terms?)|(?:hand|ly|s))",
    r"(?:split|per|each)\s+second",
    r"(?:a|another)\s+(?:second|third)(?=\s+[a-z])(?!\s+(?:of|time|year|month|week|straight|consecutive|place|more|less|fewer"
    r"|higher|lower|as|in|are|were|is|was|have|had|to|from|that|and|or|than|by|at|on|each|most|least|largest|highest"
    r"|lowest|smallest|biggest|fewest)\b)",
    r"third[\s-]+(?:part(?:y|ies)|world|person|rail|hand|class)|thirdly",
    r"(?:first|second|latter|former|better)\s+half",
    r"half(?:[\s-]+an?)[\s-]+(?:hour|minute|second|day|year|century|mile)",
    r"half-(?!(?:million|billion|trillion|dozen|of|the)\b)[a-z]+",
    r"half\s+(?:past|asleep|empty|full|open|dead|brother|sister|moon|term|hour)",
    r"(?:an?|one|three)\s+quarters?[\s-]+(?:hour|century|mile|past|to|pound|final|ago|earlier|later)",
    r"thousands?\s+separators?|baker[’']s\s+dozen|dime\s+a\s+dozen",
    r"doubl(?:ed|es|ing)\s+(?:as|down|back|up|over)|doubl(?:e|es|ing)-?\s?(?:check|count|standard)\w*",
    r"twenty-twenty|twenty-four-seven|fifty-first\s+state",
    rf"half[\s-]+past\s+(?:{SMALL}|\d{{1,2}})",
    r"of\s+one\s+(?:mind|accord)",
    r"one\s+another|one\s+by\s+one|one-on-one|one-to-one",
)


def _compiled(patterns: tuple[str, ...], flags: re.RegexFlag = re.NOFLAG) -> list[re.Pattern[str]]:
    # not from the middle of "2,025" or "10 000"
    return [re.compile(rf"{BEGIN}(?<!\d[.,])(?:{pattern}){END}", flags) for pattern in patterns]


@cache
def passes() -> list[re.Pattern[str]]:
    """All of them; compiled when a text is first looked at, since most builds look at none that is new."""
    return [*_compiled(_DATES), *_compiled(_TIMES), *_compiled(_NAMES), *_compiled(_TURNS, re.IGNORECASE)]
