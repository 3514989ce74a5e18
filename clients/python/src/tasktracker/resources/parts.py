"""Every part of the API, by its name."""

from tasktracker.exports import Proposals
from tasktracker.resources.agents import Agents
from tasktracker.resources.assignments import Assignments
from tasktracker.resources.atoms import Atoms
from tasktracker.resources.audit import Audit
from tasktracker.resources.automation_rules import AutomationRules
from tasktracker.resources.chats import Chats
from tasktracker.resources.dead_letters import DeadLetters
from tasktracker.resources.embeddings import Embeddings
from tasktracker.resources.experiments import Experiments
from tasktracker.resources.extractions import Extractions
from tasktracker.resources.health import HealthChecks
from tasktracker.resources.jobs import Jobs
from tasktracker.resources.keys import Keys
from tasktracker.resources.knowledge import Knowledge
from tasktracker.resources.labels import Labels
from tasktracker.resources.links import Links
from tasktracker.resources.live import Live
from tasktracker.resources.merges import Merges
from tasktracker.resources.messages import Messages
from tasktracker.resources.projects import Projects
from tasktracker.resources.providers import Providers
from tasktracker.resources.queues import Queues
from tasktracker.resources.runs import Runs
from tasktracker.resources.scoring import Scoring
from tasktracker.resources.search import Search
from tasktracker.resources.session import Session
from tasktracker.resources.task_configs import TaskConfigs
from tasktracker.resources.tasks import Tasks
from tasktracker.resources.telegram_account import TelegramAccount
from tasktracker.resources.telegram_bot import TelegramBot
from tasktracker.resources.telegram_chats import TelegramChats
from tasktracker.resources.telegram_polling import TelegramPolling
from tasktracker.resources.telegram_webhook import TelegramWebhook
from tasktracker.resources.topics import Topics
from tasktracker.resources.usage import Usage
from tasktracker.resources.users import Users
from tasktracker.resources.versions import Versions
from tasktracker.resources.workers import Workers
from tasktracker.transport import Transport
from tasktracker.uploads import Imports


class Telegram:
    """What concerns Telegram itself.

    Args:
        transport: Sends the requests.
    """

    def __init__(self, transport: Transport) -> None:
        self.account = TelegramAccount(transport)
        self.bot = TelegramBot(transport)
        self.chats = TelegramChats(transport)
        self.polling = TelegramPolling(transport)
        self.webhook = TelegramWebhook(transport)


class Parts:
    """Every part of the API.

    Args:
        transport: Sends the requests.
    """

    def __init__(self, transport: Transport) -> None:
        self.agents = Agents(transport)
        self.assignments = Assignments(transport)
        self.atoms = Atoms(transport)
        self.audit = Audit(transport)
        self.automation_rules = AutomationRules(transport)
        self.chats = Chats(transport)
        self.dead_letters = DeadLetters(transport)
        self.embeddings = Embeddings(transport)
        self.experiments = Experiments(transport)
        self.extractions = Extractions(transport)
        self.health = HealthChecks(transport)
        self.imports = Imports(transport)
        self.jobs = Jobs(transport)
        self.keys = Keys(transport)
        self.knowledge = Knowledge(transport)
        self.labels = Labels(transport)
        self.links = Links(transport)
        self.live = Live(transport)
        self.merges = Merges(transport)
        self.messages = Messages(transport)
        self.projects = Projects(transport)
        self.proposals = Proposals(transport)
        self.providers = Providers(transport)
        self.queues = Queues(transport)
        self.runs = Runs(transport)
        self.scoring = Scoring(transport)
        self.search = Search(transport)
        self.session = Session(transport)
        self.task_configs = TaskConfigs(transport)
        self.tasks = Tasks(transport)
        self.telegram = Telegram(transport)
        self.topics = Topics(transport)
        self.usage = Usage(transport)
        self.users = Users(transport)
        self.versions = Versions(transport)
        self.workers = Workers(transport)
