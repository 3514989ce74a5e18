"""What the simulation takes as given. Every figure here may be replaced by one's own."""

import msgspec


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """How a day's messages are spread.

    Attributes:
        night_share: Rate in the small hours, to the mean of the day.
        peaks: Hour, width in hours and weight of each hump of a working day.
        bursts: Times in a day when something happens and everybody writes at once.
        burst_factor: How much more than usual then.
        burst_seconds: For how long.
        import_share: Of the day's messages, those that come by export files.
        imports: Files a day, at working hours.
        import_rate: Messages a second that one import saves.
    """

    night_share: float = 0.08
    peaks: tuple[tuple[float, float, float], ...] = ((10.5, 1.6, 1.0), (15.5, 2.0, 1.1), (20.5, 1.3, 0.25))
    bursts: int = 24
    burst_factor: float = 3.0
    burst_seconds: int = 120
    import_share: float = 0.1
    imports: int = 20
    import_rate: float = 700.0


class Scaler(msgspec.Struct, frozen=True, kw_only=True):
    """An autoscaler by lag, as the manifests of this repository set KEDA up.

    Attributes:
        target: Tasks that wait or are held, a replica.
        least: Replicas at the least.
        every: Seconds between two looks.
        tolerance: Of the target, what is left as it is (Kubernetes' default).
        up_window: In so many seconds the replicas may double, or grow by `up_pods` if that is more.
        up_pods: See there.
        down_after: Seconds for which fewer must have sufficed.
        down_every: Seconds between two pods that go.
    """

    target: float
    least: int = 2
    every: int = 15
    tolerance: float = 0.1
    up_window: int = 30
    up_pods: int = 2
    down_after: int = 300
    down_every: int = 60


class Models(msgspec.Struct, frozen=True, kw_only=True):
    """The providers of language models and vectors.

    Attributes:
        embed_seconds: A call for vectors.
        embed_items: Texts a call, when many wait.
        messages_per_extraction: Messages that one extraction reads.
        extract_seconds: An extraction, its conversations asked about side by side.
        input_tokens: Sent for each message that is extracted from, instructions and context included.
        output_tokens: Received for it.
        embed_tokens: Of a message that is embedded.
    """

    embed_seconds: float = 0.4
    embed_items: int = 20
    messages_per_extraction: int = 40
    extract_seconds: float = 20.0
    input_tokens: float = 150.0
    output_tokens: float = 45.0
    embed_tokens: float = 40.0


class Prices(msgspec.Struct, frozen=True, kw_only=True):
    """US dollars. These are round examples and nobody's price list: put in your own.

    Attributes:
        cpu_hour: A core for an hour.
        memory_hour: A GiB for an hour.
        disk_month: A GB for a month.
        input_million: A million tokens sent to the language model.
        output_million: A million tokens received.
        embed_million: A million tokens embedded.
    """

    cpu_hour: float = 0.04
    memory_hour: float = 0.005
    disk_month: float = 0.1
    input_million: float = 0.2
    output_million: float = 0.8
    embed_million: float = 0.02


class Assumptions(msgspec.Struct, frozen=True, kw_only=True):
    """All of them.

    Attributes:
        seed: Of the random numbers: the same seed makes the same day.
        busy: The share of a core that a process is counted on to use; the rest is for bursts and neighbours.
        nats_copies: Of each message in NATS.
        postgres_copies: Of the database: a primary and its standbys.
    """

    seed: int = 7
    busy: float = 0.8
    nats_copies: int = 3
    postgres_copies: int = 2
    day: Day = Day()
    models: Models = Models()
    prices: Prices = Prices()
    scalers: dict[str, Scaler] = msgspec.field(
        default_factory=lambda: {
            "ingestion": Scaler(target=200),
            "scoring": Scaler(target=200),
            "embedding": Scaler(target=64),
            "knowledge": Scaler(target=12),
        }
    )
