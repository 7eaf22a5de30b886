// The window that stands over the page, if one does. One about a conversation goes when that is out of sight.

import { useEffect } from "preact/hooks";
import type { Conversation } from "../wire.ts";
import { CloseDialog } from "./CloseDialog.tsx";
import { useWorkplace } from "./context.ts";
import { closeDialog, type ConversationDialog, shownDialog } from "./dialogs.ts";
import { FirstMessageDialog } from "./FirstMessageDialog.tsx";
import { MoveDialog } from "./MoveDialog.tsx";
import { ParticipantsDialog } from "./ParticipantsDialog.tsx";
import { BlockDialog, DescribeDialog, ReturnDialog } from "./SmallDialogs.tsx";
import { StatusesDialog } from "./StatusesDialog.tsx";
import { ColleaguesDialog, KeysDialog, PreferencesDialog } from "./TeamDialogs.tsx";
import { TemplatesDialog } from "./TemplatesDialog.tsx";
import { TransferDialog } from "./TransferDialog.tsx";

export function Dialogs() {
  const { model } = useWorkplace();
  const shown = shownDialog.value;
  useEffect(() => closeDialog, []);
  if (shown === null) return null;
  switch (shown.is) {
    case "templates":
      return <TemplatesDialog />;
    case "preferences":
      return <PreferencesDialog />;
    case "colleagues":
      return <ColleaguesDialog />;
    case "statuses":
      return <StatusesDialog />;
    case "keys":
      return <KeysDialog />;
    case "first":
      return <FirstMessageDialog to={shown.to} />;
    case "move":
      return <MoveDialog conversations={shown.conversations} />;
    default: {
      const conversation = model.value.conversations.get(shown.conversation)?.state;
      return conversation == null ? <Gone /> : <OfConversation is={shown.is} conversation={conversation} />;
    }
  }
}

function OfConversation({ is, conversation }: { is: ConversationDialog; conversation: Conversation }) {
  switch (is) {
    case "transfer":
    case "appoint":
      return <TransferDialog conversation={conversation} appoint={is === "appoint"} />;
    case "give_back":
      return <ReturnDialog conversation={conversation} />;
    case "close":
      return <CloseDialog conversation={conversation} />;
    case "describe":
      return <DescribeDialog conversation={conversation} />;
    case "participants":
      return <ParticipantsDialog conversation={conversation} />;
    case "block":
      return <BlockDialog conversation={conversation} />;
  }
}

function Gone() {
  useEffect(closeDialog, []);
  return null;
}
