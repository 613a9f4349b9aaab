/** What is loaded at a Tab where a server or a name on it is meant: each file more takes its time. */
export {knownAddresses} from './known-addresses.ts';
export {remoteNames} from './remote-names.ts';
