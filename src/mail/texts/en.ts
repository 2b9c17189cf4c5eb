/**
 * Every text we mail, in English: the one catalogue that translations follow key by key. ICU messages: `{name}` is replaced, `'` is
 * written `’`, plurals as `{count, plural, one {# member} other {# members}}`. At most a dozen lines each (email.md §2.8).
 */
export const en = {
  'confirm-join': {
    subject: 'Please confirm: join {list}',
    body: `Someone (we hope you) asked to add {email} to the mailing list
“{list}” <{address}>.

To join, simply reply to this mail – or open this page and press the button:
  {link}

Not you? Do nothing. You will get no more mail from us about this.
The request came {origin} on {date} and ends on {expires}.`,
  },
  'confirm-leave': {
    subject: 'Please confirm: leave {list}',
    body: `Someone (we hope you) asked to take {email} off the mailing list
“{list}” <{address}>.

To leave, simply reply to this mail – or open this page and press the button:
  {link}

Not you? Do nothing: you stay on the list.
The request came {origin} on {date} and ends on {expires}.`,
  },
  'confirm-leave-all': {
    subject: 'Please confirm: leave every list at {domain}',
    body: `Someone (we hope you) asked to take {email} off all of its mailing lists here:

{lists}

To leave them all, simply reply to this mail – or open this page and press the button:
  {link}

Not you? Do nothing: you stay on the lists.
The request came {origin} on {date} and ends on {expires}.`,
  },
  'confirm-preferences': {
    subject: 'Please confirm: change your settings on {list}',
    body: `Someone (we hope you) asked for this change for {email} on the mailing list
“{list}” <{address}>:

{changes}

To make it so, simply reply to this mail – or open this page and press the button:
  {link}

Not you? Do nothing: everything stays as it is.
The request came {origin} on {date} and ends on {expires}.`,
  },
  'confirm-address': {
    subject: 'Please confirm: {email} becomes {newEmail}',
    body: `Someone (we hope you) asked to move every subscription of
{email} to {newEmail}.
Both addresses must agree; this mail asks {to}.

To agree, reply with the word “yes”, or open this page and press the button:
  {link}

Not you? Do nothing: everything stays as it is.
The request came {origin} on {date} and ends on {expires}.`,
  },
  'confirm-officer': {
    subject: 'Please confirm: commands for {list}',
    body: `Someone (we hope you) sent this to “{list}” <{address}> in your name:

{commands}

Nothing proves that the mail was yours, so nothing has happened yet. To have it done,
reply with the word “yes”, or open this page and press the button:
  {link}

Not you? Do nothing.
The request came {origin} on {date} and ends on {expires}.`,
  },
  'officer-done': {
    subject: 'Your commands for {list}',
    body: `{results}`,
  },
  'commands-left': {
    subject: '{count, plural, one {One command was} other {# commands were}} not done',
    body: `One mail may give up to ten commands, and yours had more. The first ten were read;
{count, plural, one {this one was} other {these were}} not, so nothing came of {count, plural, one {it} other {them}}:

{commands}

Please send {count, plural, one {it} other {them}} in another mail.`,
  },
  'confirm-again': {
    subject: 'Did you mean yes? {list}',
    body: `Thank you for your mail. We could not tell whether it was a yes, so nothing
has happened yet. Reply with the single word

  yes

to go ahead or “no” to call it off – or open this page and press the button:
  {link}`,
  },
  invite: {
    subject: 'You are invited to {list}',
    body: `The owners of the mailing list “{list}” <{address}>
invite {email} to join.
{purpose}
To join, simply reply to this mail – or open this page and press the button:
  {link}

Not interested? Do nothing. You will get no more mail from us about this.
The invitation ends on {expires}. The people behind it: {owner}`,
  },
  'admit-member': {
    subject: '{email} would like to join {list}',
    body: `{name} <{email}> asked to join “{list}” <{address}>
and confirmed the address. You decide, as {role} of the list.

To let them in, reply to this mail with the word “yes”, or press the button here:
  {link}

To say no, reply with “no”. Without an answer the request ends on {expires}.`,
  },
  'join-waits': {
    subject: 'Waiting for the owner of {list}',
    body: `Thank you: {email} is confirmed. The owners of “{list}” read every request
to join; you will get a mail as soon as one of them has answered.

Questions: {owner}`,
  },
  welcome: {
    subject: 'You are now on {list}',
    body: `{email} is now on the mailing list “{list}”.
{purpose}
To write to everybody:  {address}
To leave:               {leave}
                        or a mail to {leaveAddress}
Help by mail:           {help}
The people behind it:   {owner}`,
  },
  'already-member': {
    subject: 'You are already on {list}',
    body: `{email} is on the mailing list “{list}” already ({state}).

To write to everybody:  {address}
To leave:               {leave}
Help by mail:           {help}`,
  },
  'join-closed': {
    subject: '{list} takes no new members by mail',
    body: `Only the owners of “{list}” add members. Write to them:
  {owner}`,
  },
  goodbye: {
    subject: 'You have left {list}',
    body: `Done: {email} gets no more mail from “{list}”.

Was this a mistake? Undo it within 7 days – open this page and press the button:
  {link}`,
  },
  'not-a-member': {
    subject: 'Not on {list}: {email}',
    body: `{email} is not on the mailing list “{list}”.
You may be subscribed with another address: look for the “To unsubscribe” or
List-Unsubscribe line of a mail from the list, or write to {owner}.`,
  },
  misdirected: {
    subject: 'About your mail to {list}',
    body: `Your mail to “{list}” read like a request to {intent}, so it did not go out to
all {count, plural, one {# member} other {# members}}. {done}

Was it meant for everybody? Post it anyway, within two days – open this page and
press the button:
  {link}`,
  },
  held: {
    subject: 'Waiting for a moderator: “{subject}”',
    body: `Your mail to “{list}” waits for a moderator because
{reason}.

You need not do anything. To take it back, open this page and press the button:
  {link}
Without a decision it is rejected on {expires}.`,
  },
  'prove-author': {
    subject: 'Is this mail from you? “{subject}”',
    body: `A mail from your address to “{list}” <{address}> waits,
because nothing in it proves that you sent it.

If you did, reply with the word “yes” – or open this page and press the button:
  {link}

If you did not, reply with “no”, and nobody will get it. Otherwise a moderator
decides, until {expires}. Mail that you send through your own provider’s server
usually needs no question.`,
  },
  'author-answered': {
    subject: 'Your mail to {list}',
    body: `{sentence}`,
  },
  rejected: {
    subject: 'Not posted: “{subject}”',
    body: `Your mail to “{list}” of {date} was not posted.

{reason}

Questions: {owner}`,
  },
  'please-decide': {
    subject: 'Please decide: “{subject}” ({list})',
    body: `A post to “{list}” <{address}> waits for you because
{reasons}.

From:      {from}
Really?    {identity}
Sender:    {history}
Subject:   {subject}
{attachments}
{excerpt}
{rest}
Reply with one of these words, or press its address:
  ok       post it              mailto:{mod}?subject=approve
  reject   and your reason      mailto:{mod}?subject=reject
  discard  drop it silently     mailto:{mod}?subject=discard
  allow    post it, and let this author’s posts through from now on
                                mailto:{mod}?subject=allow
  ban      drop it, and all that this author writes
                                mailto:{mod}?subject=ban
Or read it, edit it and decide on this page:
  {link}
Without an answer it is rejected on {expires}.`,
  },
  'posts-wait': {
    subject: '{count, plural, one {A post waits} other {# posts wait}} for you on {list}',
    body: `{count, plural, one {A post} other {# posts}} to “{list}” <{address}> {count, plural, one {waits} other {wait}} for a moderator:

{items}
{more}{spam}
Reply with a line for each, such as

  1 ok
  2 reject: off topic
  all discard

The words are ok, reject, discard, allow and ban. Or read and decide on this page:
  {link}`,
  },
  'was-decided': {
    subject: 'Decided: {count, plural, one {“{subject}”} other {# posts}} ({list})',
    body: `About what waited on “{list}” others have decided; you need not do anything.

{items}`,
  },
  'decide-again': {
    subject: 'Nothing decided yet: {list}',
    body: `{problem, select, empty {Your reply had no word of yours in it} other {Your reply did not begin with one of the words that decide}}, so nothing has happened.
Reply with {words, select, one {one of these words on the first line} other {a line for each post, its number and a word}}:

  {words, select, one {ok – reject: your reason – discard – allow – ban} other {1 ok – 2 reject: your reason – 3 discard – all ok}}

Or open the page and press a button:
  {link}`,
  },
  moderated: {
    subject: 'About what waits on {list}',
    body: `{sentences}`,
  },
  'preferences-changed': {
    subject: 'Your settings on {list}',
    body: `Done. Your settings for {email} on “{list}” are now:

{settings}
{undo}`,
  },
  'last-owner': {
    subject: 'You stay the owner of {list}',
    body: `{email} gets no more posts from “{list}”. As its last owner you stay on it:
somebody has to read the mail to {owner}
and to decide about what waits.

To leave for good, have the operators of this site name another owner, or close the list.
{undo}`,
  },
  'address-moved': {
    subject: 'Your address is now {newEmail}',
    body: `Done: every subscription of {email} has moved to {newEmail}.

Both addresses agreed. If you did not, write to the people who run this site:
  postmaster@{domain}`,
  },
  'officer-moved': {
    subject: 'The {role} {email} of {list} is now {newEmail}',
    body: `{email} has moved to another address, {newEmail},
and is {role} of “{list}” <{address}> there.

Both addresses agreed by mail. If it was not them, the people who run this site
can set it right.`,
  },
  probe: {
    subject: 'Is {email} still working?',
    body: `Mail to {email} could not be delivered, so for now it gets no posts from

{lists}

The last error was:
  {said}

{missed, plural, =0 {It has missed no post so far.} one {It has missed one post so far.} other {It has missed # posts so far.}}

If you read this, simply reply to this mail – or open this page and press the
button – and the posts come again:
  {link}

{last, select, yes {This is the last time we ask. Without} other {Without}} an answer {officer, select, yes {the
people who run this site hear of it on} other {the address is taken off its lists on}} {until}.`,
  },
  'members-removed': {
    subject: '{count, plural, one {A member} other {# members}} of {list} could not be reached',
    body: `{count, plural, one {This member has} other {These members have}} been taken off “{list}”: mail to them failed for three weeks,
and nobody answered the mails that asked about it.

{members}

They find their settings as they were when they join again. {suspended, plural, =0 {} one {One more member gets no
posts for now, for the same reason.} other {# more members get no posts for now, for the same reason.}}

Nobody needs to do anything.`,
  },
  'officer-unreachable': {
    subject: 'No mail reaches {email}',
    body: `Mail to {email} has failed for three weeks. The last error was:
  {said}

The address is

{lists}

It gets no posts, and stays what it is until you decide: give the role to somebody
else, or have the address corrected and say “npx listwright bounce reset {email}”.`,
  },
  'posts-refused': {
    subject: '{count, plural, one {A post is} other {# posts are}} refused as such',
    body: `Other mail servers refuse {count, plural, one {this post} other {these posts}} for what {count, plural, one {it is} other {they are}}, not for whom {count, plural, one {it is} other {they are}} for. No member
is blamed.

{posts}`,
  },
  complaints: {
    subject: 'Members report posts as spam: {complaints}',
    body: `{complaints} complaints came in about some {copies} copies of posts since yesterday. {level, select, red {That is
so many that mail to the large providers will be refused.} other {The large providers
want less than one in a thousand.}}

Everybody who complained has left the list they complained about. “npx listwright bounce ls”
and the audit trail tell which lists; were all members asked before they were added?`,
  },
  cancelled: {
    subject: 'Called off: {list}',
    body: `As you asked, nothing was done, and the link in the earlier mail {open, select, yes {still works, should you change
your mind} other {no longer works}}.`,
  },
  'token-over': {
    subject: 'Too late, or done already: {list}',
    body: `{sentence}`,
  },
  help: {
    subject: 'Help: {list}',
    body: `Write to these addresses; subject and text do not matter:

  join        {joinAddress}
  leave       {leaveAddress}
  the owners  {owner}
  everybody   {address}

To {help} you can send, one a line:
  status · set nomail · set mail · vacation until 2026-12-31 · who
  index · get 17 · search some words · lists · help`,
  },
  'officer-help': {
    subject: 'Help for those who look after {list}',
    body: `Send to {help}, one a line (where your mail does not prove who
you are, you are asked to confirm it):

  pending                            what waits for a moderator
  approve NUMBER · discard NUMBER · reject NUMBER your reason
  moderate EMAIL · unmoderate EMAIL  posts of a member wait, and no longer
  ban EMAIL · allow EMAIL · forget EMAIL
  lock 17 · unlock 17                answers to the conversation of post 17 wait
  hold · free                        every post waits, and no longer
  invite EMAIL · remove EMAIL · who
  add EMAIL                          for owners: without asking

And as everybody: status · set nomail · set mail · index · get 17 · leave`,
  },
  pending: {
    subject: 'Waiting for a moderator of {list}: {count}',
    body: `{posts}{count, select, 0 {} other {

To decide, send to {help}, one a line: approve NUMBER, discard NUMBER,
or reject NUMBER and your words for its author.}}`,
  },
  'site-help': {
    subject: 'Help: mailing lists at {domain}',
    body: `Send me, one a line, with the name of the list:

  lists                 the public lists here
  join LIST             to join
  leave LIST            to leave ("leave *": every list)
  which                 the lists you are on
  status LIST           your settings
  set LIST nomail       no mail for a while ("mail" again later)`,
  },
  'not-understood': {
    subject: 'Sorry, I did not understand that',
    body: `This address is read by a program, and it did not find a request in your mail.
Send a new mail to one of these; subject and text do not matter:

  join        mailto:{joinAddress}
  leave       mailto:{leaveAddress}
  help        mailto:{help}?subject=help
  everybody   mailto:{address}
  a person    mailto:{owner}`,
  },
  'site-not-understood': {
    subject: 'Sorry, I did not understand that',
    body: `This address is read by a program, and it did not find a request in your mail.
Some that work, with a list in place of LIST:

  mailto:{commands}?subject=lists
  mailto:{commands}?subject=help
  mailto:{commands}?subject=join%20LIST
  mailto:{commands}?subject=leave%20LIST
  mailto:{commands}?subject=which`,
  },
  'not-available': {
    subject: 'Not possible by mail: {what}',
    body: `“{what}” cannot be done by mail here. Send “help” for what can.`,
  },
  'date-over': {
    subject: 'Not understood: vacation until {date}',
    body: `{date} is no date to come. Write it like this: vacation until 2027-01-31`,
  },
  'no-lists': {
    subject: 'No mailing list here has {email}',
    body: `{email} is on none of the mailing lists here. You may be subscribed with another address.`,
  },
  refused: {
    subject: 'Not done',
    body: `{sentence}`,
  },
  'no-such-list': {
    subject: 'No such list: {name}',
    body: `There is no list called “{name}” here that you can join or ask about.
Send “lists” to {commands} for the public ones.`,
  },
  lists: {
    subject: 'Mailing lists at {domain}',
    body: `{lists}

To join one, write to its address with -join: NAME-join@{domain}`,
  },
  which: {
    subject: 'Your mailing lists at {domain}',
    body: `{email} is on:

{lists}`,
  },
  status: {
    subject: 'Your settings on {list}',
    body: `{email} on “{list}” <{address}>:

{settings}

To change something, write to {help}, for example “set nomail”.`,
  },
  who: {
    subject: 'Members of {list}',
    body: `{members}`,
  },
  'who-refused': {
    subject: 'Members of {list}',
    body: `The list of members of “{list}” is shown to its {shownTo} only.`,
  },
  posts: {
    subject: '{list}: {what}',
    body: `{posts}`,
  },
  'archive-refused': {
    subject: 'Archive of {list}',
    body: `The archive of “{list}” is open to its {shownTo} only.`,
  },
} as const;
