/** The code that Tab loads to complete a server or a name on it. One file loads faster than several. */
export {knownAddresses} from './known-addresses.ts';
export {remoteNames} from './remote-names.ts';
