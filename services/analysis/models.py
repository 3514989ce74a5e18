"""Who proposes tasks: its prompt, and how it answers where there is no language model."""

from pathlib import Path
from typing import get_args

from services.analysis.answers import Batch, GivenProject
from services.analysis.local.rules import propose_tasks
from shared.contracts.analysis import Language
from shared.contracts.runs import RunSnapshot
from shared.evidence.leaks import Secrets
from shared.llm import LocalRules, PromptFolder

PROMPTS = PromptFolder(Path(__file__).parent / "prompts")

PROPOSE = "propose_tasks"

RULES: LocalRules = {PROPOSE: propose_tasks}
"""How `local` answers."""

_NOTHING = Batch(language="uk", project=GivenProject(name=""), lines=[])
_LANGUAGES: tuple[Language, ...] = get_args(Language)


def prompt_name(language: Language, *, basic_mode: bool) -> str:
    """What a run asks with, for its snapshot: for example `propose_tasks/1/uk`, or `propose_tasks/rules`."""
    return f"{PROPOSE}/rules" if basic_mode else PROMPTS.render(PROPOSE, language, _NOTHING).name


def instructions_of(snapshot: RunSnapshot) -> str:
    """What a run's agent is told beside the prompt: its own instructions, then those of the task config."""
    said = (snapshot.instructions, snapshot.task_config.instructions if snapshot.task_config else "")
    return "\n\n".join(each.strip() for each in said if each.strip())


def secrets_of(snapshot: RunSnapshot) -> Secrets:
    """What a run is told, and its answers are not to repeat: the prompt, and what is asked for beside it."""
    asked = instructions_of(snapshot)
    return Secrets.of(
        message.content
        for language in _LANGUAGES
        for message in PROMPTS.render(PROPOSE, language, _NOTHING, instructions=asked).messages
    )
