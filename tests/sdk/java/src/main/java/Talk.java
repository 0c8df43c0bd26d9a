import com.azure.communication.chat.ChatClient;
import com.azure.communication.chat.ChatClientBuilder;
import com.azure.communication.chat.ChatThreadClient;
import com.azure.communication.chat.models.ChatMessage;
import com.azure.communication.chat.models.ChatMessageReadReceipt;
import com.azure.communication.chat.models.ChatMessageType;
import com.azure.communication.chat.models.ChatParticipant;
import com.azure.communication.chat.models.CreateChatThreadOptions;
import com.azure.communication.chat.models.CreateChatThreadResult;
import com.azure.communication.chat.models.ListChatMessagesOptions;
import com.azure.communication.chat.models.SendChatMessageOptions;
import com.azure.communication.chat.models.TypingNotificationOptions;
import com.azure.communication.chat.models.UpdateChatMessageOptions;
import com.azure.communication.common.CommunicationTokenCredential;
import com.azure.communication.common.CommunicationUserIdentifier;
import com.azure.communication.identity.models.CommunicationTokenScope;
import com.azure.communication.identity.models.CommunicationUserIdentifierAndToken;
import com.azure.core.util.Context;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Two people talk in a thread, and a guest comes by. */
final class Talk {
  /** Somebody with a token. */
  record Person(String endpoint, CommunicationUserIdentifier who, String token) {
    ChatClient chat() {
      return new ChatClientBuilder()
          .endpoint(endpoint)
          .credential(new CommunicationTokenCredential(token))
          .buildClient();
    }

    ChatThreadClient in(String thread) {
      return chat().getChatThreadClient(thread);
    }

    ChatParticipant named(String name) {
      return new ChatParticipant().setCommunicationIdentifier(who).setDisplayName(name);
    }
  }

  private final String string;
  private final Map<String, Object> seen = new LinkedHashMap<>();
  private Person ada;
  private Person ben;
  private Person guest;

  Talk(String string) {
    this.string = string;
  }

  Map<String, Object> walk() throws Exception {
    ada = person(CommunicationTokenScope.CHAT);
    ben = person(CommunicationTokenScope.CHAT);
    guest = person(CommunicationTokenScope.fromString("chat.join.limited"));
    CreateChatThreadResult made =
        ada.chat()
            .createChatThread(
                new CreateChatThreadOptions("Visit")
                    .addParticipant(ada.named("Ada"))
                    .addParticipant(ben.named("Ben"))
                    .setIdempotencyToken("walk"));
    String thread = made.getChatThread().getId();
    seen.put("topic", made.getChatThread().getTopic());
    seen.put("by", made.getChatThread().getCreatedBy().getRawId().equals(ada.who().getId()));
    theyWrite(thread);
    theyChangeWhatIsThere(thread);
    aGuestComesAndGoes(thread);
    seen.put("listed", ben.chat().listChatThreads().stream().map(one -> one.getId().equals(thread)).toList());
    ada.chat().deleteChatThread(thread);
    seen.put("gone", Walk.refused(() -> ada.in(thread).listMessages().stream().count()));
    return seen;
  }

  private Person person(CommunicationTokenScope scope) {
    CommunicationUserIdentifierAndToken both = Communication.people(string).createUserAndToken(List.of(scope));
    return new Person(Communication.endpoint(string), both.getUser(), both.getUserToken().getToken());
  }

  private void theyWrite(String thread) throws Exception {
    String hello =
        ada.in(thread)
            .sendMessage(
                new SendChatMessageOptions()
                    .setContent("Hello")
                    .setSenderDisplayName("Ada")
                    .setMetadata(Map.of("tags", "x")))
            .getId();
    ChatMessage got = ben.in(thread).getMessage(hello);
    seen.put("said", List.of(got.getContent().getMessage(), got.getSenderDisplayName(), got.getType().toString(), got.getMetadata()));
    seen.put("sender", got.getSender().getRawId().equals(ada.who().getId()));
    seen.put("onlyOwn", Walk.refused(() -> ben.in(thread).updateMessage(hello, words("not mine"))));
    ada.in(thread).updateMessage(hello, words("Good morning"));
    ChatMessage edited = ben.in(thread).getMessage(hello);
    seen.put("edited", List.of(edited.getContent().getMessage(), edited.getEditedOn() != null));
    ben.in(thread).sendTypingNotification();
    ben.in(thread)
        .sendTypingNotificationWithResponse(new TypingNotificationOptions().setSenderDisplayName("Ben"), Context.NONE);
  }

  private void theyChangeWhatIsThere(String thread) {
    String html =
        ada.in(thread)
            .sendMessage(
                new SendChatMessageOptions()
                    .setContent("<b>bold</b><script>no()</script>")
                    .setType(ChatMessageType.HTML))
            .getId();
    seen.put("markup", ben.in(thread).getMessage(html).getContent().getMessage());
    ben.in(thread).sendReadReceipt(html);
    List<Object> receipts = new ArrayList<>();
    for (ChatMessageReadReceipt one : ada.in(thread).listReadReceipts()) {
      receipts.add(
          List.of(
              one.getChatMessageId().equals(html),
              one.getSender().getRawId().equals(ben.who().getId()),
              one.getReadOn() != null));
    }
    seen.put("receipts", receipts);
    ada.in(thread).deleteMessage(html);
    ChatMessage deleted = ben.in(thread).getMessage(html);
    seen.put("deleted", deleted.getDeletedOn() != null);
    ada.in(thread).updateTopic("Results");
    seen.put("renamed", ben.in(thread).getProperties().getTopic());
  }

  private void aGuestComesAndGoes(String thread) throws Exception {
    ada.in(thread).addParticipants(List.of(guest.named("Guest")));
    seen.put("limited", Walk.refused(() -> guest.chat().createChatThread(new CreateChatThreadOptions("no"))));
    seen.put("seen", guest.in(thread).listMessages().stream().map(one -> one.getType().toString()).toList());
    seen.put("inside", ada.in(thread).listParticipants().stream().map(ChatParticipant::getDisplayName).toList());
    ada.in(thread).removeParticipant(guest.who());
    seen.put("out", Walk.refused(() -> guest.in(thread).sendMessage(new SendChatMessageOptions().setContent("hello?"))));
    ListChatMessagesOptions two = new ListChatMessagesOptions().setMaxPageSize(2);
    List<ChatMessage> all = ben.in(thread).listMessages(two, Context.NONE).stream().toList();
    seen.put("types", all.stream().map(one -> one.getType().toString()).toList());
    seen.put("initiator", all.get(0).getContent().getInitiator().getRawId().equals(ada.who().getId()));
    seen.put("whoLeft", all.get(0).getContent().getParticipants().iterator().next().getDisplayName());
  }

  private static UpdateChatMessageOptions words(String words) {
    return new UpdateChatMessageOptions().setContent(words);
  }
}
