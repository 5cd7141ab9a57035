import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Security;
import java.security.Signature;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Signs the file `data` in many threads that begin at once: CONFIGURATION ALIAS THREADS TIMES. Prints hexadecimal. */
public class SignInThreads {
    public static void main(String[] words) throws Exception {
        Provider provider = Security.getProvider("SunPKCS11").configure(words[0]);
        KeyStore store = KeyStore.getInstance("PKCS11", provider);
        store.load(null, null);
        PrivateKey key = (PrivateKey) store.getKey(words[1], null);
        byte[] data = Files.readAllBytes(Path.of("data"));
        int threads = Integer.parseInt(words[2]);
        int times = Integer.parseInt(words[3]);

        CyclicBarrier start = new CyclicBarrier(threads);
        Callable<List<String>> job = () -> {
            start.await();
            List<String> made = new ArrayList<>();
            for (int n = 0; n < times; n++) {
                Signature signature = Signature.getInstance("SHA256withRSA", provider);
                signature.initSign(key);
                signature.update(data);
                made.add(HexFormat.of().formatHex(signature.sign()));
            }
            return made;
        };
        var pool = Executors.newFixedThreadPool(threads);
        List<Future<List<String>>> all = new ArrayList<>();
        for (int n = 0; n < threads; n++) {
            all.add(pool.submit(job));
        }
        for (Future<List<String>> each : all) {
            each.get().forEach(System.out::println);
        }
        pool.shutdown();
    }
}
