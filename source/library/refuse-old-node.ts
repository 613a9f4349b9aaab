/**
 * Throws on a Node that is too old, before the library fails at something that this Node lacks. Importing this file
 * does it; the library imports it first. A library does not end the process of its user.
 */
import {complaintAboutNode} from '../../protocol/program/node/supported-node.ts';

const complaint = complaintAboutNode();
if (complaint !== undefined) {
  throw new Error(complaint);
}
