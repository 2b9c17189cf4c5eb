import { randomBytes } from 'node:crypto';
import type { LoadedConfig } from './config/load.ts';
import type { Config } from './config/schema.ts';
import type { Log } from './domain/log.ts';
import { Refusal } from './domain/refusal.ts';
import { describeAddress, type Server, startServer } from './server.ts';
import { untilSignal } from './until-signal.ts';

export interface ServeWorld {
  readonly log: Log;
  /** Prints for the person who started it. */
  say(text: string): void;
}

/** `listwright serve`: runs until SIGTERM or SIGINT, then closes in good order; a second signal ends at once. */
export async function serve(loaded: LoadedConfig, { log, say }: ServeWorld): Promise<void> {
  const { config, source } = loaded;
  for (const warning of loaded.warnings) log.warn({}, warning);
  const trial = source.kind === 'trial';
  const outboxKey = randomBytes(9).toString('base64url');
  const diskFailed = promise<'broken'>();
  const server = await startServer({
    config,
    log,
    ...(trial ? { outboxKey } : {}),
    onBroken: () => diskFailed.resolve('broken'),
  });
  if (trial) say(trialGreeting(config, server, outboxKey));
  log.info(
    {
      smtp: server.listeners.map((address) => `${address.protocol} ${describeAddress(address)}`),
      pages: server.addresses.pages,
      domains: config.domains,
      transport: config.delivery.transport,
    },
    'Listening.',
  );
  const end = await Promise.race([untilSignal(), diskFailed.promise]);
  log.info({}, 'Closing: nothing new is taken, what is under way is finished.');
  await server.close();
  log.info({}, 'Closed.');
  // Whoever was waiting has been told to come again: the supervisor starts us anew, and the queue goes on from the disk.
  if (end === 'broken') throw new Refusal('busy', 'the database could not be written any more; see the log.');
}

function promise<T>() {
  let resolve: (value: T) => void = () => {};
  const made = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise: made, resolve };
}

function trialGreeting(config: Config, server: Server, outboxKey: string): string {
  const { smtp, pages } = server.addresses;
  return `
Listwright runs in trial mode: nothing is sent to anybody, and only this machine can reach it.

  SMTP       ${smtp}   for the domain ${config.domains[0]}
  Pages      ${pages}
  Outbox     ${pages}/outbox?key=${outboxKey}   every mail it would have sent
  Data       ${config.data_dir}

In trial mode senders are not checked (checks.spf_dkim_dmarc = false, spoof_protection = off).

Try it from another terminal:
  npx listwright list create birds --owner you@example.org --title "Birds of the north"
  npx listwright list show birds
Then join by a mail to birds-join@${config.domains[0]} through that SMTP address, for example
  ${joinLine(smtp, config.domains[0])}
and look at the outbox: the question in it has a page with the button. The first post of a new
member waits until an owner has said yes, to the mail about it in the outbox.

For real use: cp config/listwright.example.toml listwright.toml, set hostname, domains, base_url,
operators and delivery.transport, then npx listwright config check. Ctrl-C stops it.

`;
}

/** For a shell: curl is on nearly every machine. */
function joinLine(smtp: string, domain: string): string {
  const from = 'dora@example.org';
  return `printf 'From: ${from}\\n\\n' | curl -sS --crlf smtp://${smtp} --mail-from ${from} --mail-rcpt birds-join@${domain} -T -`;
}
