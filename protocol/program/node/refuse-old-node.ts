/**
 * Ends a program on a Node that is too old with one line, before the program fails at something that this Node lacks.
 * Importing this file does it; a program imports it first.
 */
import process from 'node:process';
import {complaintAboutNode} from './supported-node.ts';

const complaint = complaintAboutNode();
if (complaint !== undefined) {
  process.stderr.write(`jangada: ${complaint}\n`);
  process.exit(1);
}
