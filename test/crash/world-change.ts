import type { Random } from "../routes/journal/memory-directory.ts";
import { type Furniture, uplinkLines } from "./furniture.ts";
import type { Deed } from "./life.ts";

/**
 * Something that others do to the network while netwatch owes nothing. It always succeeds.
 *
 * @param everywhere false leaves the second uplink alone, whose name nobody knows once a process was killed
 */
export function otherPeoplesChange(
  random: Random,
  furniture: Furniture,
  everywhere: boolean,
): Deed {
  return { do: "world", ip: lines(random(everywhere ? 9 : 4), furniture) };
}

function lines(kind: number, furniture: Furniture): readonly string[] {
  furniture.additions += 1;
  const { additions } = furniture;
  const [first = "up0", second = "up1"] = furniture.names;
  switch (kind) {
    case 0:
      return [`route replace default via 10.0.0.${10 + additions} dev ${first} metric 100`];
    case 1:
      return [`route replace ::/0 via fd00::${10 + additions} dev ${first} metric 1024`];
    case 2:
      return [`route append default via 10.0.0.${10 + additions} dev ${first} metric 900`];
    case 3:
      return [`route replace unreachable default metric ${4278198272 + additions}`];
    case 4:
      return [
        `route replace default via 10.1.0.${10 + additions} dev ${second} metric 700 mtu 1280`,
      ];
    case 5:
      return [`address add 10.1.0.${10 + additions}/24 dev ${second}`];
    case 6:
      return [
        `link set ${second} down`,
        `link set ${second} up`,
        `route replace default via 10.1.0.1 dev ${second} metric ${700 + additions}`,
      ];
    case 7: {
      const renamed = `wan${additions}`;
      furniture.names = [first, renamed];
      return [`link set ${second} name ${renamed}`];
    }
    default:
      furniture.names = [first, "up1"];
      return [
        `link del ${second}`,
        ...uplinkLines(1, "up1"),
        `route replace default via 10.1.0.1 dev up1 metric ${700 + additions}`,
      ];
  }
}
