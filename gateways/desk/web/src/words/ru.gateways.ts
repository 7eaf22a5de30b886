// What gateways say in fixed words, in Russian. Fetched by itself, and only by who reads Russian.

import { Phrasebook } from "./phrasebook.ts";
import { ruCodes } from "./ru.codes.ts";
import { ruHappenings } from "./ru.nouns.happenings.ts";
import { ruThings } from "./ru.nouns.things.ts";
import { ruAccounts } from "./ru.reasons.accounts.ts";
import { ruLimits } from "./ru.reasons.limits.ts";
import { ruRefusals } from "./ru.reasons.refusals.ts";

const nouns = { ...ruThings, ...ruHappenings };
const reasons = { ...ruRefusals, ...ruLimits, ...ruAccounts };

export const ruGateways: Phrasebook = new Phrasebook(nouns, reasons, ruCodes);
