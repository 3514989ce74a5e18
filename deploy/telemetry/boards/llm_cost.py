"""Language models: what they cost, how often and how long they are asked, and which of them fails."""

from typing import Final

from deploy.telemetry.boards.panels import Board, Panel, Row
from deploy.telemetry.boards.queries import Query, matchers, quantiles, rate

_CACHED: Final = 'outcome="cached"'
_DOLLARS: Final = f"tt_llm_cost_dollars_total{matchers()}"


def _an_hour(by: str) -> Query:
    legend = " ".join(f"{{{{{label.strip()}}}}}" for label in by.split(","))
    return Query(f"3600 * sum by ({by}) (rate({_DOLLARS}[$__rate_interval]))", legend)


_MONEY: Final = Row(
    "What it costs",
    [
        Panel(
            "Within 24 hours",
            "US dollars, by the prices that the providers were given. A provider without prices costs "
            "nothing here.",
            "currencyUSD",
            [Query(f"sum(increase({_DOLLARS}[24h]))", "24 hours")],
            kind="stat",
            width=4,
        ),
        Panel(
            "For 1,000 messages",
            "US dollars within 24 hours, for each thousand messages that got a score one by one.",
            "currencyUSD",
            [
                Query(
                    f"1000 * sum(increase({_DOLLARS}[24h]))"
                    ' / (sum(increase(tt_message_scored_seconds_count{namespace="$namespace"}[24h])) > 0)',
                    "1,000 messages",
                )
            ],
            kind="stat",
            width=4,
        ),
        Panel(
            "An hour, by provider and model",
            "US dollars an hour, as it goes.",
            "currencyUSD",
            [_an_hour("provider, model")],
            stacked=True,
        ),
        Panel(
            "An hour, by task",
            "US dollars an hour, by what was asked for.",
            "currencyUSD",
            [_an_hour("task")],
            stacked=True,
        ),
    ],
)
_USE: Final = Row(
    "What is asked",
    [
        Panel(
            "Calls",
            "By provider and outcome. `cached` cost nothing: the same had been asked before.",
            "ops",
            [rate("tt_llm_calls_total", "provider, outcome")],
            alerts=["ProviderFailing"],
            stacked=True,
        ),
        Panel(
            "Tokens",
            "Sent (`input`) and received (`output`), by model.",
            "short",
            [rate("tt_llm_tokens_total", "model, direction")],
            stacked=True,
        ),
        Panel(
            "Answered from the cache",
            "The share of the calls, by task.",
            "percentunit",
            [
                Query(
                    f"sum by (task) (rate(tt_llm_calls_total{matchers(_CACHED)}[$__rate_interval]))"
                    f" / sum by (task) (rate(tt_llm_calls_total{matchers()}[$__rate_interval]))",
                    "{{task}}",
                )
            ],
        ),
    ],
)
_STATE: Final = Row(
    "Which fails",
    [
        Panel(
            "Newest call failed",
            "1 where the newest call of some process failed. An extraction that meets this pauses for a "
            "quarter of an hour.",
            "short",
            [Query(f"max by (provider) (tt_llm_provider_failing{matchers()})", "{{provider}}")],
            kind="stat",
            alerts=["ProviderFailing"],
            thresholds=((None, "green"), (1, "red")),
        ),
        Panel(
            "Failures that may pass",
            "Requests that were made again: `429` is the provider's limit, `5xx` its outage, `timeout` "
            "and `connection` "
            "the way to it.",
            "ops",
            [rate("tt_llm_transient_failures_total", "provider, kind")],
            alerts=["ProviderFailing"],
        ),
        Panel(
            "Time of a call",
            "Retries and waiting for a place included. A point leads to the trace of one such call.",
            "s",
            quantiles("tt_llm_call_seconds", "provider, model", of=[0.5, 0.95]),
        ),
    ],
)

LLM_COST: Final = Board(
    uid="task-tracker-llm-cost",
    title="Task Tracker: language models",
    description="What do language models cost, what for, and do they answer?",
    rows=[_MONEY, _USE, _STATE],
)
