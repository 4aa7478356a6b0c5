// Loaded into the process of the action: the name that leads to this machine through the proxy of the tests leads there
// without it as well, and so tells whether the proxy is used.
import dns from 'node:dns';

const { lookup } = dns;
dns.lookup = (name, ...query) => lookup(name === process.env.RESOLVE_HERE ? '127.0.0.1' : name, ...query);
