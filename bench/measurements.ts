import type { Measurement } from './figure.ts';
import { besideFlood } from './measure/beside-flood.ts';
import { checks } from './measure/checks.ts';
import { decision } from './measure/decision.ts';
import { fanOutPersonal } from './measure/fan-out-personal.ts';
import { fanOutShared } from './measure/fan-out-shared.ts';
import { fanOutSigned } from './measure/fan-out-signed.ts';
import { growth } from './measure/growth.ts';
import { importArchive } from './measure/import-archive.ts';
import { importMembers } from './measure/import-members.ts';
import { ingest } from './measure/ingest.ts';
import { memory } from './measure/memory.ts';
import { search } from './measure/search.ts';
import { smallList } from './measure/small-list.ts';
import { start } from './measure/start.ts';

/** In the order of the table. */
export const measurements: readonly Measurement[] = [
  fanOutPersonal,
  fanOutSigned,
  fanOutShared,
  ingest,
  checks,
  decision,
  smallList,
  memory,
  growth,
  besideFlood,
  search,
  importArchive,
  importMembers,
  start,
];
