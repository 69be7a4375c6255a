// Generated from schemas/ by `npm run generate`; do not edit.

/**
 * What `holdfast status --fleet --output json` and `GET /v1/fleet` tell: every host of the fleet, as the agent of one of them sees it.
 */
export interface FleetStatus {
  /**
   * The host whose agent asked the others.
   */
  host: string;
  /**
   * When it asked, RFC 3339.
   */
  at: string;
  /**
   * The commit that the branch named at its last successful poll: what the others are compared with.
   */
  revision?: string;
  /**
   * The hosts that the repository has a file for, by name.
   */
  hosts: FleetHost[];
}
/**
 * One host.
 */
export interface FleetHost {
  /**
   * Name of the host.
   */
  name: string;
  /**
   * Where its agent is reached, as its host file says.
   */
  address?: string;
  /**
   * `unreachable`: its agent did not answer as one; `unasked`: its host file has no address.
   */
  state: "healthy" | "not-healthy" | "unreachable" | "unasked";
  /**
   * Why it is not healthy, or was not reached, in one line.
   */
  reason?: string;
  /**
   * Version of its agent.
   */
  version?: string;
  /**
   * The commit that is in force there.
   */
  revision?: string;
  /**
   * First line of that commit's message.
   */
  subject?: string;
  /**
   * Where that commit is, compared with `revision` of this answer; `other`: it cannot be told.
   */
  position?: "current" | "behind" | "ahead" | "other";
  /**
   * Whether its newest revision was rejected.
   */
  rejected?: boolean;
  /**
   * When its last reconciliation ended, RFC 3339.
   */
  at?: string;
  /**
   * When its next one is due, RFC 3339.
   */
  next?: string;
  /**
   * Its stacks, by name.
   */
  stacks: FleetStack[];
  /**
   * How many differences from the desired state it has.
   */
  drift: number;
  /**
   * How many holds are in force.
   */
  holds: number;
  /**
   * Names of the alerts that fire there, heartbeat excepted.
   *
   * Items: One name.
   */
  alerts?: string[];
}
/**
 * One stack of a host.
 */
export interface FleetStack {
  /**
   * Name of the stack.
   */
  name: string;
  /**
   * Where the stack is, in the words of its agent's status.
   */
  state: string;
  /**
   * How its containers are, in the same words.
   */
  health?: string;
  /**
   * The commit whose content is in force.
   */
  revision?: string;
}
