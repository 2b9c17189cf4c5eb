import { asciiLowerCase } from '../domain/address.ts';
import type { IncomingMail, Peer, Recipient, RecipientResult } from '../domain/incoming.ts';
import type { Log } from '../domain/log.ts';
import { formatSize } from '../domain/units.ts';
import {
  findHeadProblem,
  findHeadProblemInTurns,
  findUtf8Problem,
  type HeadProblem,
  readHead,
} from '../mail/headers.ts';
import { pieceBytes } from '../mail/piece-bytes.ts';
import { readFacts } from '../mail/read-facts.ts';
import type { Connection } from './connection.ts';
import { type MessageStream, takeMessage } from './message-intake.ts';
import { type Reply, reply, replyForAll, replyForOne } from './reply.ts';
import type { SessionContext } from './session-context.ts';

export const noRoom = reply(452, '4.3.1', 'Not enough room for mail here now, try again later');

/** What follows DATA: one reply for the whole mail, or in LMTP one for each RCPT. */
export async function takeMail(
  stream: MessageStream,
  connection: Connection,
  context: SessionContext,
): Promise<Reply | readonly Reply[]> {
  const intake = await takeMessage(stream, context.intake);
  switch (intake.kind) {
    case 'too-large':
      return refuseOrDrop(
        {
          code: 552,
          enhanced: '5.3.4',
          why: `The message is larger than the ${formatSize(context.intake.maxBytes)} we take`,
        },
        connection,
        context.door.log,
      );
    case 'no-room':
      return noRoom;
    case 'too-slow':
      return reply(421, '4.4.2', 'The message arrives too slowly');
    case 'gone': // nobody hears this
      return reply(421, '4.4.2', 'The connection was lost');
    case 'message':
      try {
        return await handIn(intake.raw, connection, context);
      } finally {
        await intake.release();
      }
  }
}

async function handIn(
  raw: Buffer,
  connection: Connection,
  { door, hostname, protocol }: SessionContext,
): Promise<Reply | readonly Reply[]> {
  const head = readHead(raw);
  const { envelope } = connection;
  const found =
    raw.length > pieceBytes ? await findHeadProblemInTurns(raw, head) : findHeadProblem(raw, head);
  const problem = found ?? (envelope.utf8 ? findUtf8Problem(raw, head) : undefined);
  if (problem) return refuseOrDrop(problem, connection, door.log);
  const mail: IncomingMail = {
    envelopeSender: envelope.sender,
    recipients: distinct(envelope.recipients),
    raw,
    facts: readFacts(raw, head, hostname),
    peer: peerOf(connection, protocol),
  };
  const results = await door.accept(mail);
  if (results.length !== mail.recipients.length) {
    throw new Error(`${results.length} results for ${mail.recipients.length} recipients`);
  }
  const { messageId, bytes } = mail.facts;
  // Recipients are left out: confirmations and moderation carry their token in the address.
  door.log.info({ ip: mail.peer.ip, messageId, bytes, results }, 'mail answered');
  if (results.some(({ kind }) => kind === 'accepted' || kind === 'held' || kind === 'passed-on'))
    connection.forgiveErrors();
  return protocol === 'lmtp'
    ? replyForEach(envelope.recipients, mail.recipients, results)
    : replyForAll(results);
}

/** Behind a front MTA a refusal would become its bounce, to a sender who may be forged: there the mail ends in our log. */
function refuseOrDrop(
  problem: Pick<HeadProblem, 'enhanced' | 'why'> & { readonly code: number },
  { facts, session }: Connection,
  log: Log,
): Reply {
  if (!facts.trusted) {
    log.info({ ip: session.remoteAddress, why: problem.why }, 'a mail that cannot be taken was refused');
    return reply(problem.code, problem.enhanced, problem.why);
  }
  log.warn({ ip: session.remoteAddress, why: problem.why }, 'a mail that cannot be taken was dropped');
  return reply(250, '2.0.0', 'OK');
}

/** A client may name a recipient twice, in different case too; operations see each once. */
function distinct(recipients: readonly Recipient[]): readonly Recipient[] {
  if (recipients.length < 2) return recipients;
  return [...new Map(recipients.map((recipient) => [keyOf(recipient), recipient])).values()];
}

/** RFC 2033 §4.2: a reply for each RCPT that succeeded, in their order, repeated ones too. */
function replyForEach(
  asked: readonly Recipient[],
  judged: readonly Recipient[],
  results: readonly RecipientResult[],
): readonly Reply[] {
  const places = new Map(judged.map((recipient, i) => [keyOf(recipient), i]));
  return asked.flatMap((recipient) => {
    const result = results[places.get(keyOf(recipient)) ?? -1];
    return result ? [replyForOne(result)] : [];
  });
}

function keyOf({ address }: Recipient): string {
  return asciiLowerCase(address);
}

function peerOf({ session, facts, envelope }: Connection, protocol: Peer['protocol']): Peer {
  const told = session.xClient.get('HELO');
  // `ADDR=[UNAVAILABLE]` is kept, too, and tells nothing: the address is then still that of the server in front.
  const address = session.xClient.get('ADDR');
  return {
    protocol,
    ip: session.remoteAddress,
    helo: typeof told === 'string' ? told : session.hostNameAppearsAs,
    trusted: facts.trusted,
    clientTold: typeof address === 'string',
    tls: session.secure,
    utf8: envelope.utf8,
  };
}
