/**
 * Runs a link in its own process, so that its work does not count for either side. Prints the port that it listens on:
 * `node bench/link/run-link.ts PORT ROUND_TRIP_MS BYTES_PER_SECOND`.
 */
import {Link} from './link.ts';

const [port = 0, roundTripMs = 0, bytesPerSecond = 0] = process.argv.slice(2).map(Number);
const link = await Link.start(port, {roundTripMs, bytesPerSecond});
console.log(link.port);
