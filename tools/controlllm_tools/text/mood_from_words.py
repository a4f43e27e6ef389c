"""Turn words about a mood, such as `calm` or `joyful`, into the mood of music.

Each word of feeling has a place on the circumplex of affect (Russell 1980); the mood is the mean
place of the words that are said. A word after `not` or `less` counts for its opposite; `very` and
`a little` move it outwards and inwards. Words of tempo move the energy alone. Words that say
nothing of a mood stand for the middle, which is easy-going.
"""

from __future__ import annotations

import re
from statistics import mean

from controlllm_tools.text.choose_mood import mood_at
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_PLACES: dict[tuple[float, float], str] = {
    (0.9, 0.85): "excited ecstatic euphoric triumphant exuberant thrilling party",
    (0.9, 0.65): "happy joyful cheerful glad merry playful funny sunny bright festive upbeat fun",
    (0.75, 0.75): "lively energetic dynamic bouncy sporty powerful epic heroic driving uplifting",
    (0.85, 0.4): "warm friendly content hopeful optimistic sweet romantic tender loving",
    (0.75, 0.15): "calm relaxed relaxing peaceful serene quiet gentle soft soothing dreamy ambient",
    (0.5, 0.3): "neutral easy light background pleasant mellow laid-back chill",
    (0.35, 0.3): "thoughtful pensive nostalgic wistful longing bittersweet",
    (0.15, 0.2): "sad melancholic melancholy gloomy sorrowful lonely mournful tearful",
    (0.2, 0.4): "dark sombre serious mysterious solemn grave eerie cold",
    (0.15, 0.8): "tense dramatic scary frightening fearful anxious suspenseful nervous horror",
    (0.2, 0.92): "angry aggressive furious violent raging wild",
}
"""Words by valence and energy, both from 0 to 1."""

_FEELINGS = {word: place for place, words in _PLACES.items() for word in words.split()}
_TEMPOS = {"fast": 0.85, "quick": 0.8, "rapid": 0.9, "slow": 0.15, "moderate": 0.5, "lento": 0.1}
_TURNING = frozenset(("not", "no", "never", "less", "without", "isn't", "hardly"))
_STRONGER = frozenset(("very", "really", "extremely", "super", "highly", "truly"))
_WEAKER = frozenset(("slightly", "little", "bit", "somewhat", "rather", "fairly"))
_STRONG, _WEAK = 1.35, 0.6
_MIDDLE = 0.5
_WORD = re.compile(r"[^\W\d_]+(?:[-'][^\W\d_]+)*")


class MoodFromWords(CpuTool):
    """Words in, the mood of music out."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Read the feeling off the words.

        Returns:
            `mood`: JSON of `controlllm_tools.media.mood.Mood`.
        """
        context.check()
        energy, valence = place_of(inputs.text("words"))
        mood = mood_at(energy, valence, light=valence)
        caption = f"{mood.name}, {mood.tempo_bpm} bpm, {mood.mode}"
        return {"mood": Output.of_json(mood.to_json(), name="mood.json", caption=caption)}


def place_of(text: str) -> tuple[float, float]:
    """Energy and valence that a text speaks of, each from 0 to 1."""
    words = [word.lower() for word in _WORD.findall(text)]
    places = []
    for number, word in enumerate(words):
        if word in _FEELINGS:
            valence, energy = _FEELINGS[word]
            push = _push(words[max(0, number - 3) : number])
            places.append((_moved(energy, push), _moved(valence, push)))
    tempos = [_TEMPOS[word] for word in words if word in _TEMPOS]
    energy = mean(tempos or [energy for energy, _ in places] or [_MIDDLE])
    return energy, mean([valence for _, valence in places] or [_MIDDLE])


def _push(before: list[str]) -> float:
    """How far a word is moved from the middle by the words before it; negative turns it round."""
    push = 1.0
    if not _STRONGER.isdisjoint(before):
        push *= _STRONG
    if not _WEAKER.isdisjoint(before):
        push *= _WEAK
    return -push if not _TURNING.isdisjoint(before) else push


def _moved(value: float, push: float) -> float:
    return min(1.0, max(0.0, _MIDDLE + (value - _MIDDLE) * push))
