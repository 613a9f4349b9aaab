import type {Buffer} from 'node:buffer';
import {availableAlgorithms} from '../protocol/block.ts';
import {maxControlPayload} from '../protocol/frame.ts';
import {encodeHello, features, protocolVersion} from '../protocol/hello.ts';
import {maxMaskLength, maxMasks, maxPipelined, maxRanges} from '../protocol/messages.ts';
import {canCompress} from './compression/compress-block.ts';
import {programName} from './version.ts';

/**
 * The `hello` frame: the name, features and limits of this server.
 *
 * @param nonce for the proof that the client has to send; undefined if the server needs no token.
 */
export function hello(nonce?: Buffer): Buffer {
  return encodeHello({
    protocol: protocolVersion,
    server: programName(),
    algorithms: [...availableAlgorithms()],
    features: features.filter(feature => feature !== 'zstd' || canCompress),
    token: nonce !== undefined,
    ...(nonce === undefined ? {} : {nonce: nonce.toString('base64')}),
    limits: {
      payload: maxControlPayload,
      pipelined: maxPipelined,
      ranges: maxRanges,
      masks: maxMasks,
      maskLength: maxMaskLength,
    },
  });
}
