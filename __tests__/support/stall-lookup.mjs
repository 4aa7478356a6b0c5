// Loaded into the process of the action. Once the file STALL_LOOKUP_WHEN exists, names are not resolved any more.
import dns from 'node:dns';
import { existsSync } from 'node:fs';

const { lookup } = dns;
dns.lookup = (...query) => {
  if (!existsSync(process.env.STALL_LOOKUP_WHEN)) {
    lookup(...query);
  }
};
