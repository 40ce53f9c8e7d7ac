"""Invented labelled conversations whose endings tell how people rated them; an embedder that counts letters."""

from datetime import timedelta
from typing import Any

import numpy as np

from scoring_ops.calibration.calibrate import Labelled
from scoring_ops.calibration.groups import Origin
from scoring_ops.judges.trained.features import Floats
from scoring_ops.judges.trained.model import Head
from scoring_ops.transcript import transcribe
from tests.builders import START, make_conversation

PRODUCTS = ("kettle", "lamp", "router", "bicycle", "camera", "toaster", "printer", "jacket")
GOOD = ("That did it, the {0} works now, thank you!", "Great, my {0} is here. Thanks a lot!")
MIDDLING = ("Okay, I will wait for the {0} then.", "I see, noted about the {0}.")
BAD = ("Still nothing, the {0} is broken again. This is useless!", "I asked twice about the {0}, nobody helps. Awful.")
ENDINGS: tuple[tuple[float, tuple[str, ...]], ...] = ((4.2, GOOD), (3.0, MIDDLING), (1.8, BAD))


def said_about(n: int) -> tuple[float, list[tuple[str, str]]]:
    """The rating and the messages of the n-th conversation."""
    rating, endings = ENDINGS[n % len(ENDINGS)]
    product = PRODUCTS[n % len(PRODUCTS)]
    return rating, [
        ("customer", f"Hello, order {1000 + n}: my {product} from shop number {n} does not do what it should."),
        ("human_agent", f"Sorry to hear that. Please restart the {product} and tell me what you see."),
        ("customer", endings[n // len(ENDINGS) % len(endings)].format(product)),
    ]


def labelled(count: int) -> list[Labelled]:
    """So many labelled conversations, a third of each kind."""
    found: list[Labelled] = []
    for n in range(count):
        rating, said = said_about(n)
        conversation = make_conversation(*said, conversation_id=f"c{n}")  # type: ignore[arg-type]
        targets: dict[Head, float] = {"satisfaction": rating, "resolution": rating, "effort": rating}
        found.append(Labelled(Origin(f"c{n}", transcribe(conversation)), "chat", targets))
    return found


def lines(count: int) -> list[dict[str, Any]]:
    """The same as lines of a labels file."""
    found: list[dict[str, Any]] = []
    for n in range(count):
        rating, said = said_about(n)
        moment = START + timedelta(days=n)
        messages = [{"author_type": author, "sent_at": moment.isoformat(), "text": text} for author, text in said]
        found.append(
            {
                "conversation_id": f"c{n}",
                "created_at": moment.isoformat(),
                "language": "en",
                "licence": "invented",
                "messages": messages,
                "human_label": {"mean": rating, "dims": {"resolution": {"mean": rating}}},
            }
        )
    return found


class LetterEmbedder:
    """Vectors of letter counts, of length 1."""

    name = "letters 1"
    size = 26

    def embed(self, text: str) -> Floats:
        counts = np.array([text.lower().count(chr(97 + n)) for n in range(26)], dtype=np.float32)
        return counts / max(float(np.linalg.norm(counts)), 1.0)
