import type { SMTPServerAddress, SMTPServerOptions, SMTPServerSession } from 'smtp-server';
import { Refusal } from '../domain/refusal.ts';
import { readReversePath } from '../mail/ascii-domain.ts';
import { type Connection, connectionOf } from './connection.ts';
import type { Door } from './door.ts';
import { findUnknownParameter } from './envelope-path.ts';
import { type Reply, reply } from './reply.ts';
import type { SessionContext } from './session-context.ts';
import { noRoom, takeMail } from './take-mail.ts';

type Callbacks = Required<Pick<SMTPServerOptions, 'onMailFrom' | 'onRcptTo' | 'onData'>>;

/** smtp-server's callbacks: they turn each step of the dialogue into a question to the door and its answer into a reply. */
export function createCallbacks(context: SessionContext): Callbacks {
  const answer = answerFor(context.door);
  return {
    onMailFrom: (address, session, callback) =>
      answer(
        session,
        (connection) => beginEnvelope(address, connection, context),
        (no) => callback(no && errorOf(no)),
      ),
    onRcptTo: (address, session, callback) =>
      answer(
        session,
        (connection) => addRecipient(address, connection, context),
        (no) => callback(no && errorOf(no)),
      ),
    onData: (stream, session, callback) =>
      answer(
        session,
        (connection) => takeMail(stream, connection, context),
        (replies) => {
          const connection = connectionOf(session);
          callback(null, spread(replies, connection, context).map(asResult));
          connection.leaveIfClosing();
        },
      ),
  };
}

async function beginEnvelope(
  { address, args }: SMTPServerAddress,
  connection: Connection,
  { hasDiskSpace }: SessionContext,
): Promise<Reply | undefined> {
  const utf8 = args !== false && 'SMTPUTF8' in args;
  const problem = findProblem(address, utf8, findUnknownParameter(args, ['SIZE', 'BODY', 'SMTPUTF8']));
  if (problem) return problem;
  const sender = readReversePath(address);
  if (sender === undefined) return reply(553, '5.1.7', 'We could not answer to that sender address');
  if (!(await hasDiskSpace())) return noRoom;
  connection.envelope = { sender, utf8, recipients: [] };
  return undefined;
}

async function addRecipient(
  { address, args }: SMTPServerAddress,
  connection: Connection,
  { door, maxRecipients }: SessionContext,
): Promise<Reply | undefined> {
  const { recipients, utf8 } = connection.envelope;
  const problem = findProblem(address, utf8, findUnknownParameter(args, []));
  if (problem) return problem;
  if (recipients.length >= maxRecipients) return reply(452, '4.5.3', 'Too many recipients');
  const mailbox = await door.resolve(address);
  if (mailbox.kind === 'refused') return reply(mailbox.code, mailbox.enhanced, mailbox.why);
  recipients.push({ address, mailbox });
  return undefined;
}

function findProblem(address: string, utf8: boolean, parameter: string | undefined): Reply | undefined {
  if (parameter) return reply(555, '5.5.4', `Parameter ${parameter} is not offered here`);
  if (/^[\x20-\x7e]*$/.test(address)) return undefined;
  // RFC 6531 §3.5: 5.6.7 is "non-ASCII addresses not permitted".
  if (!utf8) return reply(550, '5.6.7', 'An address outside ASCII needs SMTPUTF8 in MAIL (RFC 6531)');
  // Decoding leaves this behind: overlong forms and other sets are no second spelling of an address.
  return address.includes('\ufffd') ? reply(550, '5.6.7', 'That address is not valid UTF-8') : undefined;
}

/**
 * Asks, then tells. The only place where what goes wrong behind the door becomes a reply: never a sentence of an error, only a
 * reference to it in our log.
 */
function answerFor(door: Door) {
  return <T>(
    session: SMTPServerSession,
    ask: (connection: Connection) => Promise<T>,
    tell: (answer: T | Reply) => void,
  ): void => {
    const reference = `${session.id}-${session.transaction}`;
    ask(connectionOf(session))
      .catch((err: unknown) => {
        if (err instanceof Refusal && (err.code === 'busy' || err.code === 'full')) {
          door.log.warn({ why: err.message, reference }, 'a mail must wait');
          return err.code === 'full'
            ? noRoom
            : reply(451, '4.3.0', 'We are busy, try again in a few minutes');
        }
        door.log.error({ err, reference }, 'a mail failed for a fault of ours');
        return reply(451, '4.3.0', `A fault of ours, try again later (reference ${reference})`);
      })
      .then(tell)
      // One session whose answer cannot be told must not end the process.
      .catch((err: unknown) => door.log.error({ err, reference }, 'an answer could not be sent'));
  };
}

/** An answer for the whole mail is given to each recipient in LMTP (RFC 2033 §4.2). */
function spread(
  answer: Reply | readonly Reply[],
  { envelope }: Connection,
  { protocol }: SessionContext,
): readonly Reply[] {
  if (!('code' in answer)) return answer;
  return protocol === 'lmtp' ? envelope.recipients.map(() => answer) : [answer];
}

function asResult(answer: Reply): string | Error {
  return answer.code < 300 ? answer.text : errorOf(answer);
}

function errorOf({ code, text }: Reply): Error {
  return Object.assign(new Error(text), { responseCode: code });
}
