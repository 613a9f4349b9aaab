/**
 * The commands that download, verify and use the queue, and the completion of queue IDs. They share nearly all of their
 * code, so they are one part of the built program: separate parts would share it in forty small files, which take
 * longer to find than to read.
 */

export {queueIds} from './completion/queue-ids.ts';
export {mget} from './mget.ts';
export {queueAdd} from './queue/add.ts';
export {queueCancel} from './queue/cancel.ts';
export {queueLimits} from './queue/limits.ts';
export {queueList} from './queue/list.ts';
export {queueMove} from './queue/move.ts';
export {queueClear, queuePause, queueResume, queueRetry} from './queue/order.ts';
export {queuePriority} from './queue/priority.ts';
export {queueRun} from './queue/run.ts';
export {cget, sget} from './sget.ts';
export {verify} from './verify.ts';
