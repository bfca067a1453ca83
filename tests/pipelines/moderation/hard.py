"""Sentences of our own in the spirit of functional tests for hate speech: what a word spotter gets wrong."""

from __future__ import annotations

IDENTITY = (
    "Muslims are my neighbours and my friends",
    "my sister is a lesbian and we love her for it",
    "there are two black women on the new committee",
    "the synagogue invites everybody to dinner on Friday",
    "immigrants opened most of the shops in our street",
    "is the venue open to disabled people who use wheelchairs",
    "gay couples can adopt children in my country",
    "Polish and Turkish bakeries have the best bread here",
    "the trans support group meets on Tuesday evening",
    "old people and teenagers played chess together all day",
    "Jewish history is taught in the second year",
    "the deaf community asked for subtitles on every video",
    "white men and black men both signed the letter",
)
SWEARING = (
    "that's fucking awesome work everyone",
    "holy shit this is so damn good",
    "what a bitch of a bug that was",
    "this fucking compiler ate my whole evening",
    "damn it, the train is late again",
    "oh crap, wrong channel, sorry about that",
    "hell yes, we shipped the thing today",
    "the weather here is shit this week",
    "who the fuck designed this door handle",
    "my old laptop is a piece of crap",
    "bloody hell that was a close match",
    "f*cking finally, the build is green",
)
QUOTED = (
    'he wrote "you are a worthless idiot" under my photo',
    "“all of them are vermin” is a sentence nobody should write",
    "> you stupid moron, shut up and leave\nplease keep it friendly",
    "the sign read «trash like you stays outside»",
    "is 'you are disgusting trash' really allowed here?",
    'moderators, please look: "go kill yourself loser"',
    "``you pathetic idiot`` is what the log shows",
    '"shut up moron" is a line from that film',
)
REPORTED_SPEECH = (
    "my boss told me that my work is stupid trash",
    "she called him a pathetic loser in front of everyone",
    "they keep calling us vermin and we are tired of it",
    "some guy yelled that we are disgusting pigs",
    "he said all of us are idiots and then left",
    "apparently everybody in my team is a moron",
    "the word retard is an insult, please use another",
    "a slur like vermin has a long and sad history",
    "stop calling people idiots in this channel",
    "according to him every newcomer is stupid trash",
)
DENIED = (
    "you are not a moron and this was an easy mistake",
    "people like you are never worthless to us",
    "nobody should hate a whole group of people",
    "I don't hate anybody and I am tired of stupid fights",
    "no refugee is vermin and I will keep saying it",
    "we cannot kill this idea by being stupid about it",
    "it isn't disgusting, it is a fermented cabbage",
    "we are against everyone who would kill for a flag",
    "she wasn't stupid, the question was a trap",
    "refugees aren't trash, they are our neighbours",
)
ONESELF = (
    "i am such an idiot, forgot my keys again",
    "im stupid today, sorry for the noise",
    "as a moron in mathematics, what does this symbol mean",
    "we are idiots, the cable was unplugged",
    "i feel like a worthless loser after that exam",
    "i look like trash on that photo",
)
SHORT = ("idiot", "stupid thing", "kill it", "moron alert", "🤡 loser", "so disgusting")
FOREIGN = (
    "mein Hund ist ein kleiner Idiot, aber wir lieben ihn sehr",
    "ce moron de chat a encore mangé toute la confiture",
    "el tren de las nueve es una stupid broma para todos",
    "этот поезд опять опоздал, и мы все очень устали idiot",
    "今天的天气非常好，我们去公园 idiot 散步吧",
)
HARMLESS = (
    "🎉🎉🎉 great work everyone 🎉🎉🎉",
    "😀😃😄 see you tomorrow 👋",
    "❤️❤️❤️",
    "!!! ??? ...",
    "1234 5678",
    "**bold** and _quiet_ words for the release",
)
# Not one of these may be acted on without asking.
NEVER = (*IDENTITY, *SWEARING, *QUOTED, *REPORTED_SPEECH, *DENIED, *ONESELF, *SHORT, *FOREIGN, *HARMLESS)
# What nothing speaks for is still acted on.
PLAIN = (
    "you stupid moron, shut up and leave this place",
    "you are disgusting trash and everyone here hates you",
    "go and kill yourself you worthless loser",
    "black people are vermin and disgusting trash",
    "you fucking idiot, get lost and take your trash along",
    "shut your mouth you pathetic stupid idiot",
)
