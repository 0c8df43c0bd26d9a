// A page of somebody's own site with Microsoft's chat as it comes.
import React from "react";
import { createRoot } from "react-dom/client";
import { AzureCommunicationTokenCredential } from "@azure/communication-common";
import {
  ChatComposite,
  createAzureCommunicationChatAdapter,
  fromFlatCommunicationIdentifier,
} from "@azure/communication-react";

window.begin = async (endpoint, token, userId, displayName, threadId) => {
  const adapter = await createAzureCommunicationChatAdapter({
    endpoint,
    userId: fromFlatCommunicationIdentifier(userId),
    displayName,
    credential: new AzureCommunicationTokenCredential(token),
    threadId,
  });
  window.adapter = adapter;
  createRoot(document.querySelector("main")).render(
    <ChatComposite adapter={adapter} options={{ topic: true, participantPane: true }} />,
  );
};
