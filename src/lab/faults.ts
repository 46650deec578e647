/**
 * The faults of a lab, as data: each is an object `Fault` of `lab.chaos-test/v1`, in force from when the part that it
 * concerns has said so in its status until it is deleted. So whoever wants one creates it, and its undo is to delete it.
 */
export interface FaultSpec {
  /** A node is down: its kubelet is silent and its pods' processes are killed. */
  node?: NodeFault
}

export interface NodeFault {
  /** The node's name. */
  name: string
  effect: 'down'
}

export interface FaultStatus {
  /** `Active`: it is in force. */
  phase?: 'Active'
}
