import { Failure } from '../failure.ts';
import { type Unreadable, unreadable } from '../vantage/admin-api.ts';
import type { Workbench } from './workbench.ts';

/** What is wrong with a read of one client is wrong with every read. */
const GENERAL = ['authentication-failed', 'rate-limited'];

/** A read of one client among many. That Vantage is unwell on it must not hide all others: it is unreadable then. */
export async function readOne<Found>({ deadline }: Workbench, read: () => Promise<Found>): Promise<Found | Unreadable> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Failure && !GENERAL.includes(error.code) && !deadline.stopCode) {
      return unreadable(error.message.replace(/\.$/u, ''), 'unexpected-response');
    }
    throw error;
  }
}
