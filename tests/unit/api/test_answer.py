"""What every answer carries, whatever it tells."""

import pytest

from signet.api.answering.answer import PROBLEM, Answer, response_of


@pytest.mark.parametrize("answer", [Answer(200, {"id": "crt_1"}), Answer(200, b"MII"), Answer(404, {}, {}, PROBLEM)])
def test_nothing_that_is_told_is_kept_on_the_way(answer: Answer) -> None:
    assert response_of(answer)["headers"]["Cache-Control"] == "no-store"


def test_an_answer_without_a_body_says_nothing() -> None:
    assert response_of(Answer(204)) == {"statusCode": 204, "headers": {}, "body": "", "isBase64Encoded": False}
