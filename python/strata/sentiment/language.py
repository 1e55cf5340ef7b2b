"""In which language a text is, by its function words: enough to tell what a model knows from what it does not."""

import re
from collections.abc import Mapping

_WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")

# The most frequent words that carry no meaning. A word that several languages share is in each of them.
_FUNCTION_WORDS: Mapping[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the a an and or but not is are was were be been it its it's this that these those i we you he she"
        " they our your my me us them to of in on for with at by from as if so do does did don't can could"
        " would should will have has had there what when how why which who than then too very just please"
        " thank thanks hello about after again still more some any no all out up get i'm i've it’s don’t"
        " can't can’t doesn't isn't that's",
        "de": "der die das und oder aber nicht ist sind war waren sein ein eine einen einem einer es wir ihr sie"
        " ich du uns unsere unser mir mich zu von im auf für mit bei aus als wenn so kann können wird werden"
        " hat haben hatte dass was wie warum dem den des auch noch schon wieder sehr bitte danke vielen dank"
        " leider guten hallo dazu über nach",
        "fr": "le la les un une des et ou mais ne pas est sont était être il elle nous vous je tu ils que qui"
        " dans sur pour avec par de du au aux ce cette ces notre votre mon ma mes si plus très merci bonjour"
        " peut avez avons ont été",
        "es": "el la los las un una unos y o pero no es son era ser nosotros ustedes yo tú ellos que en para con"
        " por de del al este esta estos nuestro su mi si más muy gracias hola puede hemos han ha está cuando"
        " cómo",
        "it": "il lo la i gli le un uno una e o ma non è sono era essere noi voi io tu che in per con da di del"
        " della al questo questa nostro vostro mio se più molto grazie ciao buongiorno può abbiamo hanno ha"
        " quando come",
        "nl": "de het een en of maar niet is zijn was waren wij we jullie ik jij zij dat die in op voor met van"
        " naar bij als dan onze ons mijn kan kunnen wordt heeft hebben wat hoe waarom ook nog weer zeer"
        " bedankt dank hallo graag",
        "pt": "o a os as um uma e ou mas não é são era ser nós vocês eu ele que em para com por de do da ao este"
        " esta nosso seu meu se mais muito obrigado obrigada olá pode temos têm foi está quando como",
    }.items()
}  # fmt: skip


def language_of(text: str) -> str | None:
    """ISO 639-1 code of the language most of whose function words are in the text; None where none or two lead."""
    words = [word.lower() for word in _WORDS.findall(text)]
    hits = sorted(
        ((sum(word in known for word in words), language) for language, known in _FUNCTION_WORDS.items()), reverse=True
    )
    (most, language), (second, _) = hits[0], hits[1]
    return language if most > second else None


def has_words(text: str) -> bool:
    """Whether there is anything to read."""
    return _WORDS.search(text) is not None
