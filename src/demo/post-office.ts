import { simpleParser } from 'mailparser';
import { createTransport } from 'nodemailer';
import type { Server } from '../server.ts';

/** The people of the story and their mail: sends by real SMTP, reads what the server sent out of its outbox. */
export interface PostOffice {
  /** Sends a mail; resolves with the server's answer, e.g. `250 2.0.0 accepted as 1`. Throws when it is refused. */
  send(mail: LetterOut): Promise<{ answer: string; messageId: string }>;
  /** Everything that was sent to an address, newest first, once the server has nothing more to send. */
  received(email: string): Promise<readonly LetterIn[]>;
}

export interface LetterOut {
  /** `Dana Scully <dana@example.net>` */
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly inReplyTo?: string;
}

export interface LetterIn {
  readonly returnPath: string;
  readonly subject: string;
  /** Values of the header fields of that name, unfolded. */
  header(name: string): string | undefined;
  readonly text: string;
}

export function openPost(server: Server): PostOffice {
  const [host, port] = server.addresses.smtp.split(':');
  const transport = createTransport({ host, port: Number(port), ignoreTLS: true, name: 'story.example.net' });
  return {
    send: async (mail) => {
      const { response, messageId } = await transport.sendMail({
        ...mail,
        ...(mail.inReplyTo ? { references: mail.inReplyTo } : {}),
      });
      return { answer: response, messageId };
    },
    received: async (email) => {
      await server.idle();
      const mails = await server.outbox.list(500);
      const letters = await Promise.all(
        mails.filter((mail) => mail.recipients.includes(email)).map((mail) => server.outbox.read(mail.id)),
      );
      return Promise.all(letters.filter((letter) => letter !== undefined).map(toLetter));
    },
  };
}

/** Read as the people's own mail programs would: by a parser that is not ours. */
async function toLetter(mail: { returnPath: string; raw: Buffer }): Promise<LetterIn> {
  const { subject = '', text = '', headerLines } = await simpleParser(mail.raw);
  return {
    returnPath: mail.returnPath,
    subject,
    text,
    header: (name) =>
      headerLines
        .find(({ key }) => key === name.toLowerCase())
        ?.line.slice(name.length + 1)
        .replace(/\r?\n\s+/g, ' ')
        .trim(),
  };
}
