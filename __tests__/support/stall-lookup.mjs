// Loaded into the process of the action: once the file STALL_LOOKUP_WHEN exists, no name is resolved any more.
import dns from 'node:dns';
import { existsSync } from 'node:fs';

const { lookup } = dns;
dns.lookup = (...query) => {
  if (!existsSync(process.env.STALL_LOOKUP_WHEN)) {
    lookup(...query);
  }
};
