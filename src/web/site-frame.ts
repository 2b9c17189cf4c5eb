import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { Network } from '../domain/network.ts';
import type { WebDoor } from './door.ts';

/** What every page of this site needs. */
export interface SiteFrame {
  readonly door: WebDoor;
  /** Shown at the top: the host of the base URL. */
  readonly name: string;
  readonly baseUrl: string;
  /** Path of the base URL, before every path of ours; '' where there is none. */
  readonly base: string;
  readonly proxies: readonly Network[];
}

export type Env = { Bindings: HttpBindings; Variables: { frame: SiteFrame } };
export type Asked = Context<Env>;
export type Page = (c: Asked) => Response | Promise<Response>;
