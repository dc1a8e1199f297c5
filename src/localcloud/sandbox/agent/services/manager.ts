import type { Journal } from '../journal.ts';
import { loadUnit, wantedBy } from '../units/search.ts';
import { JobError, Service } from './service.ts';

/** What a boot pulls in; more targets come with them as Wants= says. */
const BOOT_TARGETS = ['multi-user.target', 'default.target', 'network-online.target', 'cloud-init.target'];

/** The end of cloud-init's work, which user data is the last part of. */
const AFTER_USER_DATA = ['cloud-final.service', 'cloud-init.target'];

/** What is up once the agent runs: package scripts ask for some of these. */
const STANDING = ['sysinit', 'basic', 'local-fs', 'network', 'network-online', 'multi-user', 'default'];

/** Asked for a unit that has no file. */
export class NoSuchUnit extends Error {}

/**
 * All services of the instance and the order in which they start. Units that are not services (targets, timers, sockets …)
 * count as active once started, and do nothing but pull in what they want.
 */
export class ServiceManager {
  readonly journal: Journal;
  readonly #surroundings: { hostname: string; environment: Record<string, string>; journal: Journal };
  readonly #services = new Map<string, Service>();
  readonly #passive = new Set(STANDING.map((name) => `${name}.target`));
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #jobs = new Map<string, { done: Promise<void>; waitsFor: Set<string> }>();
  #userData: Promise<unknown> = Promise.resolve();
  #userDataRuns = false;

  constructor(hostname: string, environment: Record<string, string>, journal: Journal) {
    this.journal = journal;
    this.#surroundings = { hostname, environment, journal };
  }

  get busy(): boolean {
    return this.#jobs.size > 0 || this.#userDataRuns;
  }

  get services(): Service[] {
    return [...this.#services.values()];
  }

  isActivePassive(name: string): boolean {
    return this.#passive.has(name);
  }

  /** Starts what is enabled; units ordered after cloud-init's last stage wait for `userData`. */
  boot(userData: Promise<unknown>): void {
    this.#userDataRuns = true;
    this.#userData = userData.finally(() => {
      this.#userDataRuns = false;
    });
    const names = new Set(BOOT_TARGETS.flatMap(wantedBy).filter((name) => name.endsWith('.service')));
    // What went wrong is in the journal and on the console.
    for (const name of names) this.start(name).catch((error) => this.journal.note(name, error.message));
  }

  /** The service of a name or alias. Its file is read anew while nothing of it runs. Throws NoSuchUnit. */
  find(name: string): Service {
    const known = this.#services.get(name);
    if (known && !['inactive', 'failed'].includes(known.active)) return known;
    const unit = loadUnit(name);
    if (!unit) {
      this.#services.delete(name);
      throw new NoSuchUnit(`Unit ${name} not found.`);
    }
    const existing = this.#services.get(unit.name);
    if (existing) {
      if (['inactive', 'failed'].includes(existing.active)) existing.reload(unit);
      return existing;
    }
    const service = new Service(unit, this.#surroundings);
    service.onFailed = () => {
      for (const other of service.words('OnFailure')) this.start(other).catch(() => {});
    };
    this.#services.set(unit.name, service);
    return service;
  }

  /** Starts a unit and what it needs. Resolves when it is up (oneshot: done). Throws JobError, NoSuchUnit. */
  start(name: string): Promise<void> {
    const running = this.#jobs.get(name);
    if (running) return running.done;
    const waitsFor = new Set<string>();
    // Jobs asked for in the same breath (at boot) are all known before the first one looks whom to wait for.
    const done = Promise.resolve()
      .then(() => this.#start(name, waitsFor))
      .finally(() => this.#jobs.delete(name));
    this.#jobs.set(name, { done, waitsFor });
    return done;
  }

  /** Starts a service once, `delayMs` from now; stopping the timer before prevents it. */
  startLater(timer: string, service: string, delayMs: number): void {
    clearTimeout(this.#timers.get(timer));
    this.#passive.add(timer);
    const fire = () => {
      this.#passive.delete(timer);
      this.#timers.delete(timer);
      this.start(service).catch((error) => this.journal.note(service, error.message));
    };
    this.#timers.set(timer, setTimeout(fire, delayMs));
  }

  /** Stops a unit, and those that need it or are part of it. */
  async stop(name: string, capMs?: number): Promise<void> {
    if (!name.endsWith('.service')) this.#passive.delete(name);
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
    const dependants = this.#activeWith(name, ['PartOf', 'Requires', 'BindsTo']);
    await Promise.all([
      ...dependants.map((service) => service.stop(capMs)),
      ...(name.endsWith('.service') ? [this.find(name).stop(capMs)] : []),
    ]);
  }

  async restart(name: string): Promise<void> {
    const dependants = this.#activeWith(name, ['PartOf', 'Requires', 'BindsTo']).map(
      (service) => service.name,
    );
    await this.stop(name);
    await Promise.all([name, ...dependants].map((each) => this.start(each)));
  }

  /** Stops everything at once, for a shutdown; nothing may take longer than `capMs`. */
  async stopAll(capMs: number): Promise<void> {
    await Promise.all(this.services.map((service) => service.stop(capMs)));
  }

  /** Reads all files anew, also of what runs. */
  reload(): void {
    for (const service of this.services) {
      const unit = loadUnit(service.name);
      if (unit) service.reload(unit);
    }
  }

  async #start(name: string, waitsFor: Set<string>): Promise<void> {
    if (!name.endsWith('.service')) {
      this.#passive.add(name);
      await Promise.all(wantedBy(name).map((wanted) => this.start(wanted).catch(() => {})));
      return;
    }
    const service = this.find(name);
    if (service.unit.loadState === 'masked') throw new JobError(`Unit ${name} is masked.`);
    for (const wanted of service.words('Wants')) this.#pull(wanted)?.catch(() => {});
    const required = [...service.words('Requires'), ...service.words('BindsTo')].filter((other) =>
      other.endsWith('.service'),
    );
    const needs = required.map((other) => ({ other, job: this.start(other) }));
    for (const { job } of needs) job.catch(() => {});
    await this.#waitForThoseBefore(service, name, waitsFor);
    for (const { other, job } of needs) {
      try {
        await job;
      } catch {
        this.journal.note(name, `Dependency failed for ${name} (${other}).`);
        throw new JobError(`A dependency job for ${name} failed. See 'journalctl -xe' for details.`);
      }
    }
    await service.start();
  }

  /** A unit that is merely wanted may be absent. */
  #pull(name: string): Promise<void> | undefined {
    return name.endsWith('.service') && loadUnit(name) ? this.start(name) : undefined;
  }

  /** After= and others' Before=, of what is starting at this moment; a circle is broken where it closes. */
  async #waitForThoseBefore(service: Service, name: string, waitsFor: Set<string>): Promise<void> {
    const after = new Set(service.words('After'));
    for (const other of this.#jobs.keys()) {
      if (
        other.endsWith('.service') &&
        other !== name &&
        this.#services.get(other)?.words('Before').includes(name)
      )
        after.add(other);
    }
    if (AFTER_USER_DATA.some((stage) => after.has(stage))) await this.#userData;
    for (const other of after) {
      const job = this.#jobs.get(other);
      if (!job || other === name || this.#waits(other, name)) continue;
      waitsFor.add(other);
      await job.done.catch(() => {});
    }
  }

  #waits(one: string, forOther: string, seen = new Set<string>()): boolean {
    if (seen.has(one)) return false;
    seen.add(one);
    const waitsFor = this.#jobs.get(one)?.waitsFor ?? [];
    return [...waitsFor].some((next) => next === forOther || this.#waits(next, forOther, seen));
  }

  #activeWith(name: string, keys: string[]): Service[] {
    return this.services.filter(
      (service) =>
        service.name !== name &&
        !['inactive', 'failed'].includes(service.active) &&
        keys.some((key) => service.words(key).includes(name)),
    );
  }
}
