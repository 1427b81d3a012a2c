"""Numbers that are typed and bound to nothing: what is reported, and what an editor may write without a word.

In the sentences below ``⟦…⟧`` marks what must be reported, with nothing more and nothing less than what stands
between the signs.
"""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
from small_stories import small

from generator.charts import KINDS
from generator.config import read_config
from generator.documents import Compiler, allowances
from generator.lint.plain_text import plain
from generator.lint.suggest import Index, suggestions
from generator.lint.typed_numbers import remembering, typed_numbers
from generator.lint.unbound import Allowances, Allowed, Found, unbound
from generator.memory import Memory
from generator.problems import Location, SourceError
from generator.prose.render import Language
from generator.prose.scanner import scan
from generator.prose.slots import Slot
from generator.source import split_front_matter
from generator.store import Store
from generator.values import NumberStyle

MARK = re.compile("[⟦⟧]")

REPORTED = r"""
⟦2,460⟧ visitors came in a month.
The town lent ⟦348⟧ books.
The town lent ⟦348⟧, and its neighbour ⟦91⟧.
It rose to ⟦2460⟧.
In all ⟦1,234,567⟧ loans were made.
The river is ⟦86.1⟧ metres wide.
Loans fell by ⟦12 percent⟧ in a year.
Loans fell by ⟦12%⟧ in a year.
Loans fell by ⟦4.6 per cent⟧.
They rose by ⟦5 percentage points⟧.
They rose by ⟦5 points⟧ in a year.
About ⟦2.5 million⟧ loans.
A budget of ⟦$3 billion⟧ was voted.
A budget of ⟦€1.2 million⟧ was voted.
The fee is ⟦£20⟧.
The change was ⟦−12⟧ since then.
The change was ⟦+61⟧ since then.
The change was ⟦-3.5 percent⟧.
Between ⟦300⟧ and ⟦400⟧ libraries closed.
Between ⟦300⟧–⟦400⟧ libraries closed.
It has ⟦30⟧ of ⟦51⟧ seats.
In ⟦2⟧ of the towns nobody counted.
**⟦2,460⟧** visitors came.
*⟦six⟧* towns signed.
__⟦Six⟧__ towns signed.
The library has ⟦10 000⟧ books.
⟦Six⟧ towns signed.
In ⟦six⟧ towns nobody counted.
⟦Twenty-one⟧ towns signed, and ⟦three⟧ did not.
⟦One hundred and two⟧ libraries closed.
⟦One⟧ town has no library.
The river has ⟦one⟧ bridge.
Only ⟦one⟧ town signed.
All but ⟦one⟧ signed.
There is only ⟦one⟧.
Its ⟦one⟧ library closed.
It lent ⟦two million⟧ books.
It lent ⟦a million⟧ books.
⟦A dozen⟧ libraries closed.
⟦Two dozen⟧ libraries closed.
⟦Dozens⟧ of libraries closed.
⟦Hundreds⟧ of libraries closed.
⟦Tens of thousands⟧ of visitors came.
⟦Thousands⟧ came.
It had ⟦zero⟧ visitors that day.
The number fell to ⟦zero⟧.
Nearly ⟦half⟧ of the towns have a library.
⟦Half⟧ the towns have a library.
More than ⟦half⟧ signed.
⟦Half a million⟧ books were lent.
It lent ⟦half⟧ as many.
⟦A third⟧ of the libraries closed.
⟦Two-thirds⟧ of the libraries closed.
⟦Two thirds⟧ of the libraries closed.
⟦Three quarters⟧ of the loans were returned.
⟦A quarter⟧ of the loans were returned.
⟦One in five⟧ libraries closed.
⟦3 in 10⟧ libraries closed.
⟦Nine out of ten⟧ readers came back.
⟦One-fifth⟧ of the loans are late.
About ⟦½⟧ of the loans are late.
⟦The majority⟧ of the towns signed.
⟦A majority⟧ of towns signed.
⟦The vast majority⟧ of towns signed.
⟦A minority⟧ of towns signed.
⟦Most⟧ towns have a library.
⟦Most⟧ of the towns have a library.
⟦Most⟧ are now open on Sundays.
⟦Most⟧ people read.
Loans ⟦doubled⟧ in a year.
Loans more than ⟦tripled⟧ in a year.
The number has nearly ⟦quadrupled⟧.
Loans were ⟦halved⟧.
A ⟦twofold⟧ increase was seen.
A ⟦tenfold⟧ increase was seen.
It lent ⟦twice⟧ as many books.
It lent ⟦double⟧ the number of books.
It lent ⟦4.6 times⟧ as many books.
It lent ⟦three times⟧ as many books.
It grew ⟦10x⟧ in a year.
It was ⟦second⟧ of all towns.
It had the ⟦second-highest⟧ number of loans.
It had the ⟦third most⟧ loans.
It was the ⟦2nd-largest⟧ library.
It ranks ⟦first⟧ among the towns.
It was ⟦first⟧, before Dover.
It is in ⟦3rd⟧ place.
It came ⟦first⟧ in loans.
Dover is ⟦No. 2⟧ in loans.
Dover is ⟦number two⟧ in loans.
Dover is tied for ⟦fourth⟧.
For the ⟦second⟧ time loans fell.
It was the ⟦first⟧ town to open a library.
It has ⟦2025⟧ libraries.
⟦2025⟧ libraries closed.
A total of ⟦2025⟧ libraries closed.
More than ⟦2000⟧ people came.
⟦1900⟧ of them were late.
The number rose to ⟦1950⟧ in a month.
It has ⟦2,025⟧ libraries.
In 2025, ⟦2025⟧ libraries closed.
In June ⟦348⟧ loans were made.
In May ⟦12⟧ libraries closed.
On June 6, ⟦348⟧ loans were made.
On 6 June 2025 it had ⟦91⟧ loans.
The figure “⟦555,523⟧” was printed.
The figure "⟦555,523⟧" was printed.
She spoke of “nearly ⟦half⟧”.
He called it ‘⟦2,460⟧ visitors’.
## The ⟦five⟧ largest libraries {#five-largest}
- ⟦Six⟧ towns: Ashby, Birch and others.
1. ⟦Six⟧ towns have a library.
See [⟦348⟧ libraries](/libraries/).
![A map of ⟦51⟧ towns](/map-2.png)
[The list](/list/ "⟦51⟧ towns")
A note.[^1]
> ⟦2,460⟧
| Town | ⟦12⟧ |
Ashby[^2] lent ⟦348⟧ books.
The register holds a list of ⟦1843⟧ entries.
Its ⟦1843⟧ entries are old.
The ⟦1843⟧ entries of the register are old.
A register of ⟦1990⟧ towns was kept.
Of ⟦1843⟧ members few came.
It is open ⟦30⟧ days a year.
It took a ⟦five-day⟧ strike.
The ⟦42-year-old⟧ bridge fell.
It has {{ n }} of ⟦51⟧ seats.
It has {{ n }} ⟦million⟧ books.
The ⟦three⟧ libraries and the ⟦two⟧ towns.
It grew by ⟦3.5m⟧ loans.
⟦60k⟧ loans were made.
⟦#1⟧ in loans.
Loans per head: ⟦4.2⟧.
They split it ⟦50⟧/⟦50⟧.
The ⟦Six⟧ Largest Libraries of the Valley
⟦Several hundred⟧ loans.
Birch ⟦143,233⟧ and Ashby ⟦12⟧.
{% if n > 3 %}⟦four⟧ towns{% else %}⟦three⟧ towns{% endif %}
The town had ⟦91⟧ bonds on June 6, 2025, up from ⟦30⟧.
That is ⟦3.7 times⟧ as many as in January 2021.
Dover's ⟦55,523⟧ loans came ⟦second⟧.
It accounts for ⟦26 percent⟧ of the total, or ⟦one in four⟧.
A record ⟦72,000⟧ people were counted, the highest figure since 2019.
The parish signed its ⟦second⟧ bond in May.
In the past ⟦12⟧ months, loans have ⟦tripled⟧.
Arrests more than ⟦doubled⟧, from ⟦4,000⟧ to ⟦9,500⟧.
⟦Two⟧ of the ⟦three⟧ largest parishes are in Ashby.
Nearly ⟦1 in 3⟧ cases is in Birch.
The ⟦50⟧ towns and DC
Ashby is ⟦No. 1⟧.
More than ⟦a dozen⟧ readers signed.
Between 2019 and 2021, ⟦4,200⟧ people were counted.
There were ⟦12⟧ in 2020, ⟦15⟧ in 2021 and ⟦18⟧ in 2022.
About ⟦1.5m⟧ people live there.
An estimated ⟦11 million⟧ people live there without papers.
The law, signed on 4 March 2019, covers ⟦67⟧ parishes.
Fewer than ⟦10%⟧ were convicted.
A ⟦five-fold⟧ rise
The number of bonds grew ⟦sixfold⟧.
It rose ⟦12 percentage points⟧ to ⟦48 percent⟧.
Every ⟦third⟧ loan was made in Ashby.
Only ⟦2⟧ towns have none.
Some ⟦40 percent⟧ were never charged.
Over the last ⟦3⟧ years, the total has grown.
It ranks ⟦3rd-highest⟧ in the nation.
at least ⟦6,100⟧
just under ⟦42,000⟧
Roughly ⟦two-thirds⟧ of visitors
⟦Three-quarters⟧ of those counted had no conviction.
⟦one hundred thirty-four⟧ bonds
The ⟦two-town⟧ total was ⟦300⟧.
⟦60-odd⟧ parishes
the ⟦1,000th⟧ bond
The ⟦100th⟧ bond was signed.
Its ⟦300-plus⟧ bonds
⟦Tens of millions⟧ of dollars
⟦$1.2bn⟧ was spent, or ⟦€4m⟧ a day.
from ⟦30⟧ (2021) to ⟦91⟧ (2025)
Birch (⟦348⟧) and Ashby (⟦277⟧) lead.
Birch: ⟦348⟧. Ashby: ⟦277⟧.
⟦348⟧/⟦51⟧
≈⟦42,000⟧
~⟦42,000⟧
⟦42.000⟧ people
⟦42 000⟧ people
⟦42,000⟧+ people
the top ⟦five⟧ towns
the top ⟦10⟧ towns
the ⟦three-month⟧ average
She has ⟦40⟧ years of experience.
the last ⟦two⟧ of them
a ⟦one⟧-in-⟦five⟧ chance
⟦one-third⟧ of the towns
⟦Seven⟧ parishes did. ⟦Eight⟧ did not.
⟦Forty-two percent⟧
The first ⟦five⟧ towns are X.
⟦half-million⟧ people
the largest share, ⟦26.3%⟧, is Birch's
On 6 June 2025, ⟦91⟧ libraries had signed.
In 2025 ⟦2,460⟧ people were counted.
the 2020s saw ⟦12⟧ laws
⟦2,460⟧ in March 2025
both of the ⟦two⟧ towns
the other ⟦half⟧ of the towns
⟦One-half⟧ of them signed.
⟦Thirteen⟧ towns, ⟦26%⟧ of them.
⟦twenty percent⟧
⟦ninety-nine percent⟧
⟦a hundred⟧
⟦a thousand and one⟧ nights
⟦a few hundred⟧ people
⟦hundreds of thousands⟧
⟦three⟧ to ⟦four⟧ weeks
⟦two⟧ or ⟦three⟧ towns
⟦seventy-odd⟧ towns
It had ⟦0⟧ bonds.
It had no fewer than ⟦12⟧.
⟦−3.4%⟧ and ⟦+5.2%⟧
(⟦+61⟧)
The rate was ⟦4.2⟧ per 100,000.
⟦1 in every 100⟧ residents
⟦two⟧ per 1,000 residents
the ⟦second largest⟧
⟦second⟧ only to Ashby
It trails only ⟦two⟧ towns.
Agreements, 2025: ⟦348⟧
At the U.S. ⟦348⟧ people work.
At the BBC ⟦348⟧ people work.
A [⟦12⟧](/a) and `13` and <!-- 14 --> and {{ n }} ⟦15⟧.
Ashby.[^12] Birch has ⟦13⟧.
"A" and ⟦12⟧ more "B" and "C".
“No list we hold” names ⟦12⟧.
| a | ⟦12⟧ |
\[⟦12⟧\] towns
<b>⟦12⟧</b> towns
[a]: https://example.org/12 "⟦12⟧ towns"
[^1]: About ⟦12⟧ towns
The figure ⟦555,523⟧ is impossible.
The figure ⟦91⟧ is wrong.
We note ⟦12⟧ towns here.
Orders ⟦2,460⟧, cases ⟦348⟧.
Section ⟦2,460⟧ is none.
They call ⟦348⟧ libraries.
It stands at US ⟦42000⟧.
Of the tables ⟦14⟧ were checked again.
It stands in the ⟦first⟧ place by loans.
"""

SILENT = r"""
It opened on 6 June 2025.
It opened on June 6, 2025.
It opened on June 6, 2025, and closed in July.
It opened on 2025-06-06.
It opened in June 2025.
It opened in the 1990s, and closed in the ’80s.
The season 2024-25 was long, that of 2023–24 short.
The accounts of FY 2025 and of FY25.
The register of 2019 closes in May.
In 1843 entries were rare.
The 1848 riots are told elsewhere.
The list of 2025 loans is whole.
In fiscal year 2025 it closed.
The fiscal years 2024, 2025 and 2026 are not whole.
In 2025 it closed.
In 2025 libraries closed everywhere.
By 2025 towns had built bridges.
Since 2021 it has been closed.
Between 2021 and 2025 it was closed.
From 2021 to 2025 it was closed.
The years 2021, 2022 and 2023 were dry.
The 2025 list is the newest.
The 2025 lists are the newest.
Its 2019 report said so.
The law of 2019 allows it.
2025 saw a flood.
Early 2025 was dry, and so was mid-2024.
A flood (2019) took the bridge.
The flood of 2019, and that of 2021.
The newest is that of May 2025.
It opened on the 6th of June.
It opened on 6 and 7 June.
From 6 to 12 June it was closed.
It was closed 6–12 June 2025.
It opened on June 6.
On June 12 towns along the river met.
It opened on 06/06/2025 and on 6.6.2025.
It was shut on Sept. 11, 2001, and remembered on 9/11.
It began on July 4th.
In Q1 2025 and in the first quarter of 2025.
In the second half of 2025 it closed.
A bridge of the 19th century, or the twentieth century.
It opens at 9 a.m. and closes at 17:30.
It opens at 5pm and at nine o’clock.
The bridge is open 24/7.
Section 12(b) of the act.
A charity under 501(c)(3).
Title 42 and Title VIII.
Form I-9 and Form I-862.
COVID-19 closed it.
The G20 and the G7 met.
SB 54 and HB 19-1124 say so.
H.R. 29 says so.
S. 5 says so.
8 U.S.C. § 1357(g) says so.
8 U.S.C. 1357 and 8 CFR 287.5 say so.
Article 2 and Section 5 of the act.
Articles 2 and 3 say so.
Case No. 23-1234 is open.
Docket No. 5:24-cv-00123 is open.
See § 12 and §§ 13–15.
Dates follow ISO 8601.
The text is under CC BY 4.0, the code under MIT.
Public Law 104-208 says so.
The Fourth Amendment and the 119th Congress.
The Ninth Circuit decided, and the 5th Circuit did not.
It stands on Fifth Avenue, near 42nd Street.
It stands at 1600 Pennsylvania Avenue.
The Second World War took the bridge.
See Table 2 and figure 3.
See step 3 and chapter 4, page 12.
He said: “We had 2,460 visitors in a single month here.”
He said: "We had 2,460 visitors in a single month here."
He said: ‘We had 2,460 visitors in one town’s library alone.’
> We had 2,460 visitors in a single month here.
1. The first rule speaks.
2. The newest list names none.
10. Otherwise nothing.
A note.[^12]
## Law {#law-2}
See [the list](/list-2025/12.html).
See [the list][list12].
See ![the bridge](/map-12.png).
See <https://example.org/12/2460>.
See https://example.org/12/2460 for more.
It is &#8217;quoted&#8217;, and it&#39;s fine.
`348 books` is code.
They help one another.
They came one by one.
A one-time, one-sided, one-way street.
No one came, and someone left.
The one that closed was old.
One of the bridges fell.
An agency can have several, one for each kind.
Nothing says that one brings about the other.
One must not be taken from the other.
The old bridge and the new one are closed.
One thing leads to another.
One day it will open.
At first it was closed.
First of all, it is closed.
It works first-come, first-served.
A second-hand figure.
Secondly, it is closed.
It first opened in 2019.
The first list we hold names none.
It was first listed in 2019.
The first rule that fits speaks.
A half-hearted and half-built bridge.
It took half an hour.
A zero-tolerance policy.
They zero in on it.
Missing is not zero.
Keys are text with leading zeros.
A two-way street and a two-sided story.
It has at most as many.
The most recent list is long.
Most likely it is closed.
It has the most loans, by far the most.
It is foremost, and almost open.
It is mostly open.
The most important bridge is closed.
Almost all are closed.
The Senate majority leader came.
No town, none of them, all of them, every one.
It has as many as Dover.
Think twice before you go.
It was first in 2019.
The two are never added.
By either of the two, loans or visits.
Loans for every 100,000 residents.
Loans per 1,000 residents, or per million residents.
Loans for every million visitors.
The key of Ashby is 06037.
The format is UTF-8, the table a CSV.
The MP3 player and the B2B market.
Call 911, or 202-555-0143.
In Three Rivers the bridge is closed.
They took third-party advice.
A second source says otherwise.
It is closed for the second term of the mayor, a second language and a split second.
She is the First Lady.
It has {{ n }} libraries, {{ n.share }} of all.
[Six towns]{claim=c01} signed.
[555,523]{claim=c01} is impossible.
It is a majority-minority town.
The house is manifold, unfolded and blindfold.
See the 2.0.1 release.
The doi is 10.5281/zenodo.12345.
The thousands separator is a comma.
The quarter of the old town is quiet.
Each quarter it is counted.
See the 2024–25 budget and the 2025/26 plan.
Published 22 November 2026.
Updated: 2026-11-22, 14:05 UTC.
Act 10 of 2011 bars it, as does Senate Bill 4.
Senate Bill 1070 and House Bill 56 say so.
Executive Order 14159 directs it.
Under Birch Statutes 908.101 it is required.
Gov. Code § 7282.5 bars it.
Tex. Code Crim. Proc. art. 2.251 requires it.
Public Act 101-0001 (2019)
RCW 10.93.160 restricts it.
ORS 181A.820 restricts it.
N.J.S.A. 40A:14-118
Ga. Code Ann. § 42-1-11
Chapter 2019-102, Laws of Birch
AG Directive 2018-6 v2.0
The 14th Amendment and Article III
The Trump administration's first term
his second term
In the first six months of 2025
the Class of 2025
It was one of many.
On the one hand it is so; on the other it is not.
It is all one.
one and the same
Once a year, and once more.
He finished third grade.
a first-hand account
the first person counted
It was the first of its kind.
in the first instance
the Third District Court of Appeal
the U.S. Court of Appeals for the Second Circuit
7th Street NW
the 9/11 attacks
Windows 11 and Python 3.11
H1N1, F1 and B-2 visas, T1 lines
mid-2025 and post-2020
pre-9/11
In the early 2000s and late 1980s
the ’90s
the summer of 2025
at 9 a.m. ET on Monday, June 9
January through July 2025
January 2025–July 2026
from October 1, 2023, through March 10, 2026
on the 1st of each month
Monday, 9 June
June 9 to 15
The fiscal year begins on 1 October.
the fourth quarter
year-end 2025
the 2020 census and the 2024 election
the 119th Congress
the 2030s
A 2025 law bars it.
Ashby’s 2025 law bars it.
Residents of July 2025.
No. 24-1234, 24-cv-01234
Fig. 1. Map of towns
p. 12, pp. 12–14
ISBN 978-3-16-148410-0
doi:10.1000/182
version 1.2 of the file
v1.2.3
UTF-8, RFC 4180 and Data Package v2
CSV (RFC 4180)
the 3D map and 5G
A one-way trip, a two-way radio
zero-sum
They doubled down.
most of all
the most populous town
most notably in Ashby
most often
at the most
most recently
Most importantly, it is closed.
half-time
quarterly
a fraction of them
the House majority leader
majority-owned
Catch-22
Area 51
Formula 1
Channel 4
Route 66
Twenty-First Century Fox
the G-20
K-12 schools
a 501(c)(3) group
401(k) plans
W-2 forms and Form 1040
under 8 C.F.R. § 1003.1
Matter of X, 27 I&N Dec. 316 (A.G. 2018)
597 U.S. 1 (2022)
123 Stat. 456
90 Fed. Reg. 8443
42 U.S.C. §§ 1981–1983
Title 8 of the code
Section 1373
the Fifth and Sixth Amendments
24 September
as of 24 September 2025
5-7 June
10–11 p.m.
12 noon
+1 (202) 555-0143
Washington, DC 20005
1100 Louisiana Street, Ashby, TX 77002
#MeToo
The deputy came second-hand.
In the U.S. the bridge is closed.
The one recorded in the list was old.
An entry can vanish from one list and return on the next.
The series Vintage 2024 goes up to 2024.
Rates for every 100,000 or every million residents.
See figure 3, and section 5 requires more.
It opened on 6, 7 and 8 June.
In the first place it is a list.
They are of one mind.
The bus leaves at half past nine.
Unit 12 was closed.
A quarter-century ago it began.
The 2021 and 2022 lists were captured.
The office keeps a 24-hour service.
Title 8, section 1229a, is the law.
"""


def _sentences(block: str) -> list[str]:
    return [line for line in textwrap.dedent(block).strip().split("\n") if line]


def _expected(sentence: str) -> tuple[str, list[tuple[int, str]]]:
    """The sentence without its signs, and column and text of what they enclose."""
    plain, found, start = "", [], 0
    for part in re.split("([⟦⟧])", sentence):
        if part == "⟦":
            start = len(plain)
        elif part == "⟧":
            found.append((start + 1, plain[start:]))
        else:
            plain += part
    return plain, found


def _found(text: str, *allow: Allowed) -> list[Found]:
    return list(unbound(scan(text, "content/x.md"), "content/x.md", allow=Allowances(allow)))


@pytest.mark.parametrize("sentence", _sentences(REPORTED))
def test_reported(sentence: str) -> None:
    text, expected = _expected(sentence)
    found = [(each.location.column, each.text) for each in _found(text)]
    assert found == expected
    assert all(each.length == len(each.text) and each.location.line == 1 for each in _found(text))


@pytest.mark.parametrize("sentence", _sentences(SILENT))
def test_silent(sentence: str) -> None:
    assert [each.text for each in _found(sentence)] == []


def test_there_are_enough_sentences() -> None:
    reported = [mark for line in _sentences(REPORTED) for mark in _expected(line)[1]]
    assert len(_sentences(REPORTED)) >= 100
    assert len(reported) >= 100
    assert len(_sentences(SILENT)) >= 100


# --- where ----------------------------------------------------------------------------------------------------


def _places(text: str) -> list[tuple[int, int, str]]:
    return [(each.location.line, each.location.column, each.text) for each in _found(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ashby lent\n348 books.", [(2, 1, "348")]),
        ("It opened on 6\nJune 2025.", []),
        ("June\n\n2025 libraries", [(3, 1, "2025")]),
        ("In\n2460. The next", [(2, 1, "2460")]),
        ("1. a\n2. b\n\n   12 towns\n3. c", [(4, 4, "12")]),
        ("a\n12. b", [(2, 1, "12")]),
        ("> She lent 348 books\n> here.\n\nAnd 12.", [(4, 5, "12")]),
        ("> We had many\n> 348\n\n> 12", [(4, 3, "12")]),
        ("```\n348\n```\n\n12", [(5, 1, "12")]),
        ("Term\n: 12 towns", [(2, 3, "12")]),
        ("| a | 12 |\n|---|---:|\n| 2025 | 348 |", [(1, 7, "12"), (3, 10, "348")]),
        ("{% if a %}\nSix\n{% endif %} towns", [(2, 1, "Six")]),
        ("half a\nmillion books", [(1, 1, "half a\nmillion")]),
    ],
)
def test_places(text: str, expected: list[tuple[int, int, str]]) -> None:
    assert _places(text) == expected


EXPRESSIONS = """
{{ n | or_say("⟦42⟧ libraries") }}
{{ n | or_say('⟦two⟧ libraries') }}
{{ n | plural("⟦1⟧ library", "⟦two⟧ libraries") }}
{{ n.change(since="2025-06-06") | direction("⟦doubled⟧", "fell", "stayed") }}
{{ n.rank | rank_phrase("⟦second-largest⟧") }}
{{ town | link("its ⟦12⟧ pages") }}
{{ "tied for ⟦3rd⟧" if n.rank.tied == 3 else "alone" }}
{{ "⟦Six⟧ towns" if towns.count == 6 }}
{{ {"few": "⟦three⟧ or more", "3": "none"}[row.size] }}
{{ n.number ~ " of ⟦51⟧" }}
{{ "of " ~ ⟦51⟧ }}
{%- set said = "⟦six⟧ towns" if n > 6 else "none" -%}
{% for word in ["⟦six⟧", "none"] %}{{ word }}{% endfor %}
{{- names | join(" and ⟦12⟧ more ") -}}
{{ text | replace("12", "⟦13⟧") }}
{{ "⟦2500⟧-⟦12⟧" }}
{{ "2026-13-⟦45⟧" }}
{{ "⟦six⟧" if n > 6 else "2026-05-18" }}
"""

QUIET_EXPRESSIONS = """
{{ town.members(at="2025-06-06", status="12 weeks") }}
{{ "2025-06-06" | date }}
{{ "348" | date }}
{{ towns.top("members", 5) | and_list }}
{{ n | digits(2) }}
{{ n | hedge(to=400) }}
{% if row.kind == "three towns" %}yes{% endif %}
{{ "yes" if row.kind == "three towns" else "no" }}
{{ towns["348"] }}
{{ data.towns.where(kind="six towns").count }}
{{ row.text.split("12")[0] }}
{{ {"12": "few"}[row.size] }}
{% set key = "06037" %}
{% set d = "2025-06-06" %}
{{ "2026-05-18" }}
{{ 42 }}
"""


@pytest.mark.parametrize("sentence", _sentences(EXPRESSIONS))
def test_texts_in_expressions_that_reach_the_page(sentence: str) -> None:
    text, expected = _expected(sentence)
    assert [(each.location.column, each.text) for each in _found(text)] == expected


@pytest.mark.parametrize("sentence", _sentences(QUIET_EXPRESSIONS))
def test_texts_in_expressions_that_select(sentence: str) -> None:
    assert [each.text for each in _found(sentence)] == []


def test_message() -> None:
    (found,) = _found("Ashby lent\n  2,460 books.")
    assert str(found.problem) == (
        "content/x.md:2:3: error[typed-number]: 2,460 is typed here: no row of the data stands behind it\n"
        "    Compute it: {{ … }}; hold it against the data: [2,460]{= … }; or say whose it is: [2,460]{claim=ID}."
    )
    assert found.problem.location.width == 5
    assert found.sentence == "Ashby lent 2,460 books."


# --- in documents and settings --------------------------------------------------------------------------------

DOCUMENT = """\
---
title: Six towns
lead: |
  Three towns
  and 12 more.
description: >-
  A folded text
  of 348 words.
numbers:
  - {label: "of 51 towns", value: 'n | or_say("42 books")', unit: books, note: on 6 June 2025}
children:
  title: '13 children'
  of: towns.top("books", 5)
---
Text with 7 words.

```figure bars
of: towns.top("books", 5)
value: row.books
labels: {value: "Books of 5 kinds", label: Town}
options: {missing: 9 missing}
title: >-
  A title
  with 348 in it
description: Bars of 14 towns, {{ n }}.
```

```table
title: Towns
of: towns
columns:
  - {value: row.books, label: 22 books, unit: in 100s}
  - {value: 'row.kind ~ " of 33"', label: Kind, labels: {a: 44 things}}
```
"""


def _compiler(*allow: Allowed, lint: bool = True) -> Compiler:
    language = Language(NumberStyle(), lambda _id, words, _where: Slot("text", words))
    return Compiler(language, KINDS, (), lint=lint, allow=Allowances(allow))


def test_every_text_of_a_document_is_looked_at() -> None:
    compiler = _compiler()
    compiler.compile(split_front_matter(DOCUMENT, "content/x.md"))
    lines = DOCUMENT.split("\n")
    for found in compiler.typed:
        at = found.location
        assert lines[at.line - 1][at.column - 1 :].startswith(found.text), found
    said = [found.text for found in sorted(compiler.typed, key=lambda found: found.location)]
    assert said == [
        "Six",
        "Three",
        "12",
        "348",
        "51",
        "42",
        "13",
        "7",
        "5",
        "9",
        "348",
        "14",
        "22",
        "100s",
        "33",
        "44",
    ]


def test_without_lint_nothing_is_looked_for() -> None:
    compiler = _compiler(lint=False)
    compiler.compile(split_front_matter(DOCUMENT, "content/x.md"))
    assert compiler.typed == []


SETTINGS = """\
title: Six towns
description: >-
  What they lend, to
  2,460 readers.
licence: Text CC BY 4.0.
navigation:
  - {title: 12 rankings, page: ""}
allow:
  - {text: Six towns, reason: no}
  - {pattern: 'Lot [A-Z] \\d+', reason: names of parcels}
"""


def test_settings_are_looked_at() -> None:
    compiler = _compiler()
    compiler.look_at_settings(read_config(SETTINGS))
    places = [(found.location.line, found.location.column, found.text) for found in compiler.typed]
    assert places == [(1, 8, "Six"), (4, 3, "2,460"), (7, 13, "12")]


# --- what may stand -------------------------------------------------------------------------------------------


def test_names_that_are_allowed() -> None:
    allow = (Allowed(text="Four Seasons"), Allowed(pattern=r"Lot [A-Z] \d+"), Allowed(text="catch 22"))
    assert [each.text for each in _found("Four Seasons has Lot B 12 and 12 rooms, Lot b 3.", *allow)] == ["12", "3"]


def test_an_entry_that_stands_nowhere_gets_a_warning() -> None:
    allow = Allowances((Allowed(text="Four Seasons"), Allowed(text="catch 22")))
    assert not list(unbound(scan("The Four\nSeasons.", "x"), "x", allow=allow))
    assert [problem.message for problem in allow.unused()] == ["allow: 'catch 22' stands nowhere in the story"]


@pytest.mark.parametrize(
    "text",
    ["2,460", "2460", "12 percent", "six", "six towns", "348 books", "half", "$3 billion", "second", "half of"],
)
def test_a_figure_is_no_name(text: str) -> None:
    (problem,) = Allowances((Allowed(text=text),)).problems()
    assert problem.message == f"allow: {text!r} is a figure and no name"
    assert [each.text for each in _found(f"There were {text} here.", Allowed(text=text))], "and it hides nothing"


@pytest.mark.parametrize("text", ["Route 66", "Four Seasons", "catch 22", "Big Ten", "Lot 12(b)", "Sixth Form"])
def test_a_name_is_no_figure(text: str) -> None:
    assert not list(Allowances((Allowed(text=text),)).problems())


@pytest.mark.parametrize(
    "pattern", [r"\d+", r".*", r"[\d,]+ towns", r"\d{4}", r"2,460", r"\w+", r"2\,460", r"six|seven"]
)
def test_a_pattern_that_fits_numbers(pattern: str) -> None:
    (problem,) = Allowances((Allowed(pattern=pattern),)).problems()
    assert problem.code == "allowed-number"


@pytest.mark.parametrize("pattern", [r"Route \d+", r"Lot [A-Z]\d+", r"\d+\(b\)"])
def test_a_pattern_that_fits_names(pattern: str) -> None:
    assert not list(Allowances((Allowed(pattern=pattern),)).problems())


def test_a_pattern_that_cannot_be_read() -> None:
    (problem,) = Allowances((Allowed(pattern="("),)).problems()
    assert problem.message == "allow: '(' is not a pattern that can be read"


def test_entries_of_the_settings_know_their_place() -> None:
    with pytest.raises(SourceError) as caught:
        allowances(read_config(SETTINGS))
    (problem,) = caught.value.problems
    assert problem.location == Location("content/site.yml", 9, 12)
    with pytest.raises(SourceError, match="reason"):
        read_config("title: a\ndescription: b\nallow:\n  - {text: Route 66}\n")
    with pytest.raises(SourceError, match="write either 'text' or 'pattern'"):
        read_config("title: a\ndescription: b\nallow:\n  - {text: Route 66, pattern: x, reason: a road}\n")


# --- what they could be bound to ------------------------------------------------------------------------------

VISITS = """\
    town,date:date,kind,visits:integer
    ASH,2024-06-30,day,1000
    BIR,2024-06-30,day,3000
    CED,2024-06-30,day,500
    ASH,2025-06-30,day,2460
    BIR,2025-06-30,day,3540
    CED,2025-06-30,day,3000
    DOV,2025-06-30,day,1000
    ASH,2025-06-30,night,12
    BIR,2025-06-30,night,7
    CED,2025-06-30,night,0
    DOV,2025-06-30,night,5
"""
MEASURES = """\
    visits:
      label: visits to the library
      from: visits
      value: visits
      entity: {town: town}
      unit: visits
      time: {at: date, type: stock}
      default: {at: latest, kind: day}
      dimensions:
        kind: {additive: false, levels: {day: by day, night: at night}}
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    made = small(tmp_path_factory.mktemp("story"), {"visits": VISITS}, MEASURES)
    return Index(made.story, made.language)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Ashby had 2,460 visits.", 'towns["ASH"].visits }}'),
        ("Ashby had 1,000 visits on 30 June 2024.", 'towns["ASH"].visits(at="2024-06-30") }}'),
        ("Ashby had 12 visits at night.", 'towns["ASH"].visits(kind="night") }}'),
        ("All towns had 10,000 visits.", "land.visits }}"),
        ("Ashby had 24.6 percent of visits.", 'towns["ASH"].visits.share }}'),
        ("The visits in Ashby grew 2.5 times.", 'towns["ASH"].visits.ratio("2024-06-30") | times }}'),
        ("Ashby is third by visits.", 'towns["ASH"].visits.rank | ordinal }}'),
        ("Ashby had the third-highest number of visits.", 'towns["ASH"].visits.rank | rank_phrase("highest") }}'),
        ("The four towns", "towns.count }}"),
        ("A third of visits were to Birch.", "[A third]{= "),
    ],
)
def test_suggestions(index: Index, sentence: str, expected: str) -> None:
    (found,) = _found(sentence)
    offered = suggestions(found, index)
    if expected.startswith("[A"):
        assert not offered  # 35.4 percent is more than a point away
    else:
        assert offered, sentence
        assert any(expected in offer for offer in offered)
        assert len(offered) <= 3


def test_a_suggestion_in_full(index: Index) -> None:
    (found,) = _found("Ashby had 2,460 visits.")
    assert suggestions(found, index) == [
        '2,460 equals visits to the library of Ashby, 30 June 2025: write `{{ towns["ASH"].visits }}`'
    ]
    ashby = index.views.at("towns", "ASH")
    assert "write `{{ town.visits }}`" in suggestions(found, index, ashby)[0]


@pytest.mark.parametrize(
    "sentence", ["Birch had 2,461 visits.", "Birch had 12 percent of visits.", "Most towns agreed.", "Two of them"]
)
def test_nothing_is_offered_that_is_not_so(index: Index, sentence: str) -> None:
    (found,) = _found(sentence)
    assert suggestions(found, index) == []


def test_paragraphs_that_were_looked_at_before_are_not_looked_at_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = plain(scan("Six towns signed.\n\nIn 2025, half of them left.\n", "content/x.md")).text
    with Store(tmp_path) as store:
        first = remembering(Memory(store))(text)
    assert [text[start:end] for start, end in first] == ["Six", "half"]
    assert [tuple(span) for span in first] == typed_numbers(text)
    monkeypatch.setattr("generator.lint.typed_numbers._number", lambda: pytest.fail("looked again"))
    with Store(tmp_path) as store:
        assert remembering(Memory(store))(text) == first
