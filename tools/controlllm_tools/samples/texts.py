"""Texts as people write them, one for each kind of text."""

from __future__ import annotations

ARTICLE = """\
The fishing harbour of Marwick wakes long before the town. At half past four the first boats \
leave the quay, and their lamps draw a thin line across the bay. The crews are small: two or \
three people, often from one family, and a dog that knows the way.

For years the catch grew smaller. Young people moved away, and two of the five ice houses closed. \
Then the council tried something unusual. It asked the crews to leave a third of the bay alone \
for five years, and paid them to count fish instead of catching them.

Dr. Elin Moss, who planned the count, says that nobody believed in it at first. "They came to \
tell me how wrong I was," she remembers. After two years the numbers rose; after four, cod were \
seen at the old pier again. Today the crews catch less than they once did, but they sell it \
fresh, by name, at the quay. The queue begins at seven.
"""
"""Eleven sentences in three paragraphs."""

TITLE = "Morning at Marwick Harbour"
TAGS = "harbour, fishing boats, sunrise, sea"
KEYWORDS = "fishing harbour\nfirst boats\ncouncil\ncod\nquay"
DESCRIPTION = (
    "The sun rises over a calm harbour while two sailing boats pass each other. The light is warm, "
    "the water mostly blue. Words on screen read “HARBOUR AT DAWN”."
)
TRANSCRIPT = "Good morning from the harbour. The first boats are leaving now, and the sea is calm."
SUMMARY = (
    "The fishing harbour of Marwick wakes long before the town. Then the council tried something "
    "unusual. The queue begins at seven."
)
SUBTITLES = """\
1
00:00:00,200 --> 00:00:01,400
Good morning from the harbour.

2
00:00:01,600 --> 00:00:02,800
The first boats are leaving now.
"""
PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Morning at Marwick Harbour</title></head>
<body><h1>Morning at Marwick Harbour</h1><p>The queue begins at seven.</p></body>
</html>
"""
HTML = """\
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Morning at Marwick Harbour</title></head>
<body>
<nav><a href="/">Home</a> <a href="/tides">Tides</a></nav>
<article>
<h1>Morning at Marwick Harbour</h1>
<p>The fishing harbour of Marwick wakes long before the town. At half past four the first boats
leave the quay, and their lamps draw a thin line across the bay.</p>
<h2>The count</h2>
<p>Dr. Elin Moss, who planned the <a href="https://example.org/count">count</a>, says that nobody
believed in it at first. After two years the numbers rose; after four, cod were seen again.</p>
<table><tr><th>Year</th><th>Cod</th></tr><tr><td>2024</td><td>130</td></tr></table>
</article>
<footer>Printed on Mondays.</footer>
</body>
</html>
"""
MARKDOWN = """\
# Morning at Marwick Harbour

The **fishing harbour** of Marwick wakes *long before* the town.

## What is sold

1. cod
2. herring, `fresh`

| Year | Cod |
| ---- | --: |
| 2024 | 130 |

See [the count](https://example.org/count).
"""
URLS = "https://example.org/count\nhttps://example.com/tides?week=12"
TABLE = """\
month,boats,catch_t,note
January,12,8.5,storms
February,14,9.25,
March,17,14,ice gone
April,21,19.5,cod at the pier
"""
JSON = """\
[
  {"month": "January", "boats": 12, "catch": {"cod": 3.5, "herring": 5}},
  {"month": "February", "boats": 14, "catch": {"cod": 4.25, "herring": 5}}
]
"""
