"""No request is sent into a limit that Discord told of."""

import pytest

from connectors.discord.pace import REQUESTS_A_SECOND, Pace, route_of


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def headers(remaining: int, after: float, bucket: str = "b") -> dict[str, str]:
    return {
        "X-RateLimit-Bucket": bucket,
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset-After": str(after),
    }


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/channels/1/messages", "GET /channels/1/messages"),
        ("/channels/1/messages/2", "GET /channels/1/messages/:id"),
        ("/channels/1/messages/2/reactions/%F0%9F%91%8D/@me", "GET /channels/1/messages/:id/reactions/:emoji/@me"),
        ("/guilds/1/members/2", "GET /guilds/1/members/:id"),
        ("/webhooks/1/tok/messages/@original", "GET /webhooks/1/tok/messages/:id"),
        ("/users/@me", "GET /users/@me/"),
    ],
)
def test_routes_share_limits_within_a_channel(path: str, route: str) -> None:
    assert route_of("GET", path) == route


def test_an_exhausted_limit_is_waited_out() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.sent("r")
    pace.learn("r", headers(0, 2.5))
    assert pace.wait_s("r") == 2.5
    assert pace.wait_s("other") == 0
    clock.now += 2.5
    assert pace.wait_s("r") == 0


def test_what_is_under_way_counts_before_it_is_answered() -> None:
    pace = Pace(Clock())
    pace.sent("r")
    pace.learn("r", headers(2, 5))
    pace.sent("r")
    pace.sent("r")
    assert pace.wait_s("r") == 5
    # This answer is older than the last request.
    pace.learn("r", headers(1, 5))
    assert pace.wait_s("r") == 5


def test_a_refusal_holds_one_route_or_all() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.refused("r", 3, everywhere=False)
    assert (pace.wait_s("r"), pace.wait_s("s")) == (3, 0)
    pace.refused("r", 4, everywhere=True)
    assert pace.wait_s("s") == 4
    assert pace.wait_s("s", counted=False) == 0


def test_fewer_go_out_in_a_second_than_discord_allows() -> None:
    clock = Clock()
    pace = Pace(clock)
    for number in range(REQUESTS_A_SECOND):
        assert pace.wait_s("r") == 0
        pace.sent(f"r{number}")
    assert pace.wait_s("r") == 1
    clock.now += 1
    assert pace.wait_s("r") == 0


@pytest.mark.parametrize("bad", [{}, headers(0, 1, ""), {**headers(0, 1), "X-RateLimit-Reset-After": "nan"}])
def test_strange_headers_change_nothing(bad: dict[str, str]) -> None:
    pace = Pace(Clock())
    pace.sent("r")
    pace.learn("r", bad)
    assert pace.wait_s("r") == 0
