// The only place that names Microsoft's packages. Nothing built with Vestibule loads it: `vestibule install-acs-calling`
// builds it, with the packages it fetched, on the machine of whoever agreed to their terms.
import { CallClient, Features, LocalAudioStream, LocalVideoStream, VideoStreamRenderer } from "@azure/communication-calling";
import { AzureCommunicationTokenCredential } from "@azure/communication-common";
import { AcsSession } from "./acs";

const kit = { AzureCommunicationTokenCredential, CallClient, Features, LocalAudioStream, LocalVideoStream, VideoStreamRenderer };

export const makeSession = (options) => new AcsSession(kit, options);
