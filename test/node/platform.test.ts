import { describeOnNode } from "./node-support";
import { RealPlatform } from "./real-platform";
import { workloadTests } from "./suites/workloads";

/** One cluster and one `up` for all of them: most of the time goes into starting the servers. */
describeOnNode("the stack dev on a real node", () => {
  let platform: RealPlatform;
  const current = () => platform;

  beforeAll(async () => {
    platform = await RealPlatform.start();
  });
  afterAll(() => platform?.remove());

  describe("workloads and Jobs", () => workloadTests(current));
});
