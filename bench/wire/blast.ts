import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { buildWireTool } from './build.ts';

/** Messages of 4 KB over 20 connections, from a client that has nothing to think about. Seconds. */
export async function blast(
  port: number,
  { transactions, recipients }: { readonly transactions: number; readonly recipients: number },
): Promise<number> {
  const args = [port, 20, transactions, recipients, 4096].map(String);
  const { stdout } = await promisify(execFile)(buildWireTool('blast'), args);
  return Number(stdout);
}
