"""Word lists of the invented company: names, places, titles, products, texts. All invented; no real company or
person.
"""

from __future__ import annotations

from typing import NamedTuple


class Country(NamedTuple):
    """Where an account sits. weight: share of accounts; utc_hours: offset of its office hours."""

    name: str
    currency: str
    legal_form: str
    weight: float
    utc_hours: int


COUNTRIES: tuple[Country, ...] = (
    Country("United States", "usd", "Inc.", 0.47, -6),
    Country("Canada", "usd", "Corp.", 0.06, -5),
    Country("United Kingdom", "gbp", "Ltd", 0.13, 0),
    Country("Germany", "eur", "GmbH", 0.12, 1),
    Country("France", "eur", "SAS", 0.06, 1),
    Country("Netherlands", "eur", "B.V.", 0.05, 1),
    Country("Spain", "eur", "S.L.", 0.04, 1),
    Country("Japan", "jpy", "K.K.", 0.07, 9),
)

INDUSTRIES: tuple[str, ...] = (
    "Technology", "Manufacturing", "Financial Services", "Healthcare", "Retail", "Consulting", "Education", "Media",
    "Transportation", "Energy", "Hospitality", "Not For Profit",
)  # fmt: skip

NAME_STARTS: tuple[str, ...] = (
    "Al", "Amber", "Arden", "Aster", "Bal", "Bex", "Birch", "Bram", "Brig", "Cal", "Cedar", "Cor", "Crest", "Dal",
    "Dorn", "Elder", "Elm", "Ever", "Fal", "Fen", "Fern", "Flint", "Gal", "Glen", "Gran", "Hal", "Harrow", "Hazel",
    "Hol", "Iron", "Jas", "Kel", "Kes", "Lark", "Lin", "Lor", "Mar", "Mel", "Mer", "Nor", "Oak", "Orl", "Ost", "Pel",
    "Pine", "Quil", "Rav", "Red", "Ros", "Row", "Sal", "Sel", "Silver", "Sol", "Stone", "Tal", "Tarn", "Thorn", "Tor",
    "Ul", "Vale", "Var", "Ver", "Vel", "Wal", "West", "Wil", "Win", "Yar", "Zel",
)  # fmt: skip

NAME_ENDS: tuple[str, ...] = (
    "bach", "beck", "berg", "bourne", "bridge", "brook", "bury", "by", "cliff", "combe", "croft", "dale", "den",
    "dorf", "er", "feld", "field", "ford", "gate", "grove", "ham", "haven", "hill", "holm", "hurst", "ington", "keld",
    "lake", "land", "leigh", "ley", "low", "mar", "mead", "mere", "mond", "mont", "moor", "mouth", "neth", "ow",
    "port", "ridge", "rock", "sby", "shaw", "side", "stead", "stow", "thorpe", "ton", "vik", "ville", "ward", "wich",
    "wick", "wold", "wood", "worth", "yard",
)  # fmt: skip

NAME_FIELDS: tuple[str, ...] = (
    "Analytics", "Logistics", "Systems", "Foods", "Health", "Partners", "Media", "Energy", "Robotics", "Textiles",
    "Software", "Learning", "Finance", "Travel", "Instruments", "Packaging", "Design", "Mobility", "Biotech", "Studios",
    "Freight", "Optics", "Materials", "Legal", "Security", "Insurance", "Networks", "Labs", "Supply", "Works",
)  # fmt: skip

BRANDS: tuple[tuple[str, str], ...] = (
    ("aurelia-bank.example", "Aurelia Bank"),
    ("halden-motors.example", "Halden Motors"),
    ("northlight-air.example", "Northlight Air"),
    ("solvanta.example", "Solvanta"),
    ("kitebird.example", "Kitebird"),
    ("meridian-post.example", "Meridian Post"),
    ("oakhurst-foods.example", "Oakhurst Foods"),
    ("veloce-sport.example", "Veloce Sport"),
    ("lumio-phones.example", "Lumio Phones"),
    ("grandharbor-hotels.example", "Grandharbor Hotels"),
    ("pinnacle-pictures.example", "Pinnacle Pictures"),
    ("saffron-street.example", "Saffron Street"),
    ("tidewell-energy.example", "Tidewell Energy"),
    ("brightwater-beauty.example", "Brightwater Beauty"),
    ("castellan-insurance.example", "Castellan Insurance"),
    ("marlowe-and-finch.example", "Marlowe & Finch"),
    ("orbitline.example", "Orbitline"),
    ("quantor-chips.example", "Quantor Chips"),
    ("riverstone-university.example", "Riverstone University"),
    ("sundial-media.example", "Sundial Media"),
    ("tallgrass-outfitters.example", "Tallgrass Outfitters"),
    ("umbra-games.example", "Umbra Games"),
    ("vantor-rail.example", "Vantor Rail"),
    ("willowbend-clinics.example", "Willowbend Clinics"),
    ("zephyra.example", "Zephyra"),
    ("cobalt-and-crane.example", "Cobalt & Crane"),
    ("evermark-watches.example", "Evermark Watches"),
    ("fjordkraft-shipping.example", "Fjordkraft Shipping"),
    ("goldleaf-tea.example", "Goldleaf Tea"),
    ("hartmoor-tools.example", "Hartmoor Tools"),
    ("ivory-gate-theatres.example", "Ivory Gate Theatres"),
    ("junipera.example", "Junipera"),
)
"""Well-known logos (domain, brand). The same list stands in seeds/crosswalks/brands.csv; a test compares the two."""

FREE_MAIL_DOMAINS: tuple[str, ...] = ("freemail.example", "webmail.example", "inbox.example")

FIRST_NAMES: tuple[str, ...] = (
    "Ada", "Aiko", "Alba", "Amir", "Anna", "Anton", "Aya", "Bela", "Ben", "Bruno", "Carla", "Chidi", "Clara",
    "Daniel", "Deniz", "Elena", "Elif", "Emil", "Emma", "Eric", "Eva", "Farid", "Fiona", "Florian", "Grace", "Hana",
    "Hugo", "Ines", "Ivan", "Jack", "Jana", "Jonas", "Julia", "Kaito", "Karim", "Kate", "Lars", "Laura", "Lea", "Leo",
    "Liam", "Lina", "Lucia", "Maria", "Marta", "Max", "Maya", "Mia", "Nina", "Noah", "Nora", "Olga", "Omar", "Paul",
    "Priya", "Rosa", "Sami", "Sara", "Tom", "Yuki", "Zoe",
)  # fmt: skip

LAST_NAMES: tuple[str, ...] = (
    "Abbott", "Adler", "Alvarez", "Amano", "Andersen", "Archer", "Bakker", "Barnes", "Bauer", "Becker", "Bell",
    "Berg", "Bianchi", "Blake", "Bloom", "Boyd", "Brandt", "Brooks", "Burns", "Carter", "Castro", "Chan", "Clarke",
    "Cole", "Costa", "Cruz", "Dahl", "Dean", "Diaz", "Dubois", "Duncan", "Eriksen", "Evans", "Falk", "Fischer",
    "Fleming", "Flores", "Ford", "Foster", "Fuchs", "Garcia", "Gibson", "Grant", "Gray", "Haas", "Hale", "Hansen",
    "Hart", "Hayashi", "Hayes", "Hoffman", "Holt", "Hughes", "Ito", "Jansen", "Keller", "Kim", "Klein", "Koch",
    "Lambert", "Lane", "Larsen", "Lind", "Lopez", "Lowe", "Mason", "Meyer", "Mori", "Moreau", "Nolan", "Novak",
    "Okafor", "Olsen", "Park", "Patel", "Perry", "Quinn", "Reyes", "Rossi", "Sato", "Schmidt", "Silva", "Weber",
)  # fmt: skip

EXECUTIVE_TITLES: tuple[str, ...] = ("CEO", "Chief Operating Officer", "CTO", "CFO", "Chief Information Officer")
DECISION_TITLES: tuple[str, ...] = (
    "VP Operations", "VP Engineering", "Director of IT", "Director of Operations", "Head of Procurement",
)  # fmt: skip
CHAMPION_TITLES: tuple[str, ...] = (
    "Head of Operations", "Operations Manager", "Project Manager", "Program Manager", "System Administrator",
)  # fmt: skip
USER_TITLES: tuple[str, ...] = ("Analyst", "Coordinator", "Specialist", "Consultant", "Assistant")
DEPARTMENTS: tuple[str, ...] = ("Executive", "Operations", "Operations", "Business")

ACTIVITY_SUBJECTS: tuple[str, ...] = (
    "Check-in call", "Onboarding call", "Follow-up on open questions", "Adoption review", "Renewal conversation",
    "Introduction of new features",
)  # fmt: skip
EMAIL_SUBJECTS: tuple[str, ...] = (
    "Email: Next steps", "Email: Release notes", "Re: Question about permissions", "Re: Rollout plan",
    "Email: Invitation to webinar", "Re: Renewal terms",
)  # fmt: skip
MEETING_SUBJECTS: tuple[str, ...] = (
    "Quarterly business review", "Onboarding workshop", "Training session", "Executive sync", "Roadmap preview",
)  # fmt: skip

FEATURES: tuple[str, ...] = (
    "reports", "dashboards", "the API", "automations", "permissions", "the import", "single sign-on", "notifications",
)  # fmt: skip

TICKET_SUBJECTS: tuple[str, ...] = (
    "Question about {f}", "Problem with {f}", "{f}: not working as expected", "How do we set up {f}?",
)  # fmt: skip
TICKET_NEUTRAL: tuple[str, ...] = (
    "Hello, could you explain how {f} works for a new team member? Thanks.",
    "Hi, we would like to change a setting in {f}. Where do we find it?",
    "Guten Tag, wie richten wir {f} für eine zweite Abteilung ein? Vielen Dank.",
)  # fmt: skip
TICKET_NEGATIVE: tuple[str, ...] = (
    "This is the third time {f} fails this month. It is really frustrating and blocks our team.",
    "{f} is broken again, we are very disappointed and losing hours every day.",
    "Leider funktioniert {f} schon wieder nicht. Wir sind sehr unzufrieden und überlegen zu wechseln.",
)  # fmt: skip
TICKET_POSITIVE: tuple[str, ...] = (
    "We love {f}! One small question: can we export it every week? Thank you for the great product.",
    "Thanks for the quick help last time. Now we want to roll out {f} to more teams.",
    "Vielen Dank, {f} hilft uns sehr. Gibt es dazu eine Schulung?",
)  # fmt: skip
INVOICE_SUBJECTS: tuple[str, ...] = ("Question about our first invoice", "Invoice: number of seats and tax")
INVOICE_BODIES: tuple[str, ...] = (
    "Hello, we do not understand the line items on our invoice. Could you explain the amount?",
    "The invoice shows more seats than we expected. Please check.",
    "Guten Tag, auf der Rechnung fehlt unsere Bestellnummer. Können Sie sie ergänzen?",
)  # fmt: skip
AGENT_REPLIES: tuple[str, ...] = (
    "Thank you for writing to us. We are looking into it and will come back to you today.",
    "Thanks for your patience. Please try the steps in the linked help article and tell us whether they work.",
    "We have found the cause and corrected it. Please check on your side.",
)  # fmt: skip
REPLY_POSITIVE: tuple[str, ...] = ("Perfect, that works. Thank you very much!", "Great support, solved. Danke!")
REPLY_NEGATIVE: tuple[str, ...] = (
    "This still does not work and the answer took far too long.",
    "Das hilft uns leider nicht weiter. Wir sind enttäuscht.",
)  # fmt: skip

NPS_PROMOTER: tuple[str, ...] = (
    "Easy to use and the support team is excellent.", "It saves us hours every week, we love it.",
    "Sehr hilfreich, die Einführung war hervorragend.",
)  # fmt: skip
NPS_PASSIVE: tuple[str, ...] = (
    "Good product, some features are missing.", "It does its job.", "Solide, aber die Berichte könnten schneller sein.",
)  # fmt: skip
NPS_DETRACTOR: tuple[str, ...] = (
    "Too slow and too expensive for what we get.", "Support takes days to answer, we are disappointed.",
    "Unzuverlässig, wir schauen uns Alternativen an.",
)  # fmt: skip

EVENTS: tuple[str, ...] = (
    "signed_in", "dashboard_viewed", "report_created", "report_exported", "project_created", "task_completed",
    "comment_added", "file_uploaded", "search_performed", "integration_connected", "automation_created",
    "api_key_created", "custom_field_created", "user_invited", "permission_changed", "help_article_viewed",
    "action_failed",
)  # fmt: skip
EVENT_WEIGHTS: tuple[tuple[float, ...], ...] = (
    # novice: few features, many help articles and failures
    (24, 24, 5, 2, 3, 12, 5, 4, 8, 0.10, 0.12, 0.03, 0.12, 0.5, 0.15, 9, 6),
    # practitioner
    (18, 18, 9, 5, 5, 18, 9, 6, 8, 0.5, 1.3, 0.25, 0.7, 0.8, 0.5, 3.5, 3),
    # expert: automations, integrations, keys, custom fields
    (13, 13, 12, 7, 6, 20, 9, 7, 7, 1.5, 5.0, 0.9, 2.6, 1.2, 1.2, 1.2, 1.5),
)
"""Mix of events by sophistication, in the order of EVENTS; rows are normalised."""
EVENT_BREADTH: tuple[float, ...] = (0.60, 0.85, 0.97)
"""Chance that an account uses a given optional feature at all, by sophistication."""


class Product(NamedTuple):
    """A product and its monthly list price in USD cents. seat: sold per seat; legacy: no longer sold."""

    key: str
    name: str
    usd_cents: int
    seat: bool
    legacy: bool
    kind: str  # plan | addon | metered | one_time


PRODUCTS: tuple[Product, ...] = (
    Product("starter", "Starter", 7900, False, False, "plan"),
    Product("team", "Team", 2500, True, False, "plan"),
    Product("business", "Business", 4900, True, False, "plan"),
    Product("enterprise", "Enterprise", 8900, True, False, "plan"),
    Product("classic", "Classic", 1900, True, True, "plan"),
    Product("classic_flat", "Classic Unlimited", 34900, False, True, "plan"),
    Product("security", "Advanced Security", 14900, False, False, "addon"),
    Product("premium_support", "Premium Support", 29900, False, False, "addon"),
    Product("insights", "Insights", 9900, False, False, "addon"),
    Product("api_calls", "API calls", 2000, False, False, "metered"),
    Product("onboarding", "Onboarding package", 150000, False, False, "one_time"),
)
STARTER, TEAM, BUSINESS, ENTERPRISE, CLASSIC, CLASSIC_FLAT, SECURITY, PREMIUM, INSIGHTS, API_CALLS, ONBOARDING = range(
    11
)

CURRENCIES: tuple[str, ...] = ("usd", "eur", "gbp", "jpy")
CURRENCY_FACTORS: tuple[float, ...] = (1.0, 0.92, 0.80, 1.50)
"""Local list price in minor units per USD cent (yen have no minor unit: 1 USD = 150 JPY)."""
INTERVALS: tuple[tuple[str, int], ...] = (("month", 1), ("month", 3), ("year", 1), ("week", 1))
"""recurring_interval and recurring_interval_count; a quarter is three months."""
MONTHLY, QUARTERLY, YEARLY, WEEKLY = range(4)
INTERVAL_MONTHS: tuple[int, ...] = (1, 3, 12, 1)
INTERVAL_FACTORS: tuple[float, ...] = (1.0, 2.85, 10.0, 12 / 52)
