import { connectEngineLog } from "./engine-log";
import type { EngineLog, ProviderFactory, ResourceProvider } from "./resource-provider";

/** Connections of one engine run stay far below this; older ones belong to runs that have ended. */
const maximumSessions = 32;

interface Session {
  readonly provider: Promise<ResourceProvider>;
  log: EngineLog;
}

/**
 * One provider instance for each connection. The engine starts an official plugin once for every provider resource,
 * but attaches all of them, over all of its runs, to this one process: they must not share configuration or
 * cancellation. Requests do not tell which instance they are meant for, the connection that they come over does.
 */
export class Sessions {
  private readonly byPeer = new Map<string, Session>();

  constructor(
    private readonly factory: ProviderFactory,
    private readonly reportFailure: (error: Error) => void,
  ) {}

  /** The instance that serves a peer (`address:port` of the connection). */
  provider(peer: string): Promise<ResourceProvider> {
    return this.session(peer).provider;
  }

  /** Remembers where the engine behind a peer takes log messages. */
  attach(peer: string, engineAddress: string): void {
    this.session(peer).log = connectEngineLog(engineAddress, this.reportFailure);
  }

  private session(peer: string): Session {
    const known = this.byPeer.get(peer);
    if (known) return known;
    const silent: EngineLog = async () => {};
    const session: Session = { provider: this.factory((...message) => session.log(...message)), log: silent };
    this.byPeer.set(peer, session);
    this.forgetOldest();
    return session;
  }

  private forgetOldest(): void {
    for (const [peer, { provider }] of this.byPeer) {
      if (this.byPeer.size <= maximumSessions) return;
      provider.then((instance) => instance.cancel(), this.reportFailure);
      this.byPeer.delete(peer);
    }
  }
}
