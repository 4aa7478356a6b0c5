// Loaded into the process of the action. It resolves the name that normally only the proxy of the tests can resolve, so
// that a request past the proxy succeeds and is noticed.
import dns from 'node:dns';

const { lookup } = dns;
dns.lookup = (name, ...query) => lookup(name === process.env.RESOLVE_HERE ? '127.0.0.1' : name, ...query);
