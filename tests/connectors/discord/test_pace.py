"""No request is sent into a limit that Discord told of."""

import pytest

from connectors.discord.pace import MAX_ROUTES, REQUESTS_A_SECOND, Pace, route_of


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def headers(remaining: int, after: float, limit: int = 5, bucket: str = "b") -> dict[str, str]:
    return {
        "X-RateLimit-Bucket": bucket,
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset-After": str(after),
    }


def ask(pace: Pace, route: str, told: dict[str, str]) -> None:
    pace.sent(route)
    pace.landed(route, told)


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
    ask(pace, "r", headers(0, 2.5))
    assert pace.wait_s("r") == 2.5
    assert pace.wait_s("other") == 0
    clock.now += 2.5
    assert pace.wait_s("r") == 0


def test_one_request_finds_out_about_an_unknown_limit() -> None:
    pace = Pace(Clock())
    pace.sent("r")
    assert 0 < pace.wait_s("r") < 0.1
    assert pace.wait_s("s") == 0
    pace.landed("r", headers(4, 5))
    assert pace.wait_s("r") == 0


def test_what_is_under_way_counts_before_it_is_answered() -> None:
    pace = Pace(Clock())
    ask(pace, "r", headers(2, 5))
    pace.sent("r")
    pace.sent("r")
    assert pace.wait_s("r") == 5
    # This answer is older than the last request.
    pace.landed("r", headers(1, 5))
    assert pace.wait_s("r") == 5


def test_a_fresh_window_takes_no_more_than_its_limit_at_once() -> None:
    clock = Clock()
    pace = Pace(clock)
    ask(pace, "r", headers(0, 1, limit=2))
    clock.now += 1
    pace.sent("r")
    assert pace.wait_s("r") == 0
    pace.sent("r")
    assert 0 < pace.wait_s("r") < 0.1
    pace.landed("r", headers(1, 1, limit=2))
    assert pace.wait_s("r") == 1


def test_routes_of_one_name_share_a_limit_within_a_channel() -> None:
    pace = Pace(Clock())
    for channel in ("1", "2"):
        ask(pace, f"GET /channels/{channel}/messages/:id", headers(1, 5))
        ask(pace, f"GET /channels/{channel}/messages", headers(1, 5))
    pace.sent("GET /channels/1/messages")
    assert pace.wait_s("GET /channels/1/messages/:id") == 5
    assert pace.wait_s("GET /channels/2/messages/:id") == 0


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
        ask(pace, f"r{number}", {})
    assert pace.wait_s("r") == 1
    clock.now += 1
    assert pace.wait_s("r") == 0


@pytest.mark.parametrize("bad", [{}, headers(0, 1, bucket=""), {**headers(0, 1), "X-RateLimit-Reset-After": "nan"}])
def test_strange_headers_change_nothing(bad: dict[str, str]) -> None:
    pace = Pace(Clock())
    ask(pace, "r", bad)
    assert pace.wait_s("r") == 0


def test_limits_of_interactions_that_are_over_are_forgotten() -> None:
    clock = Clock()
    pace = Pace(clock)
    for number in range(2 * MAX_ROUTES):
        ask(pace, f"POST /webhooks/1/{number}", headers(1, 0.0, bucket=str(number)))
    assert pace.routes <= MAX_ROUTES
