import type {Buffer} from 'node:buffer';
import {availableAlgorithms} from '../protocol/block.ts';
import {maxControlPayload} from '../protocol/frame.ts';
import {encodeHello, features, protocolVersion} from '../protocol/hello.ts';
import {maxMaskLength, maxMasks, maxPipelined, maxRanges} from '../protocol/messages.ts';
import {programName} from './version.ts';

/** The `hello` frame: the name, features and limits of this server. */
export function hello(): Buffer {
  return encodeHello({
    protocol: protocolVersion,
    server: programName(),
    algorithms: [...availableAlgorithms()],
    features: [...features],
    token: false,
    limits: {
      payload: maxControlPayload,
      pipelined: maxPipelined,
      ranges: maxRanges,
      masks: maxMasks,
      maskLength: maxMaskLength,
    },
  });
}
